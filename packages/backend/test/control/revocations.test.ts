import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { Revocations } from '../../src/control/revocations.ts'

/** What is used of a socket. */
class Socket extends EventEmitter {
  code: number | undefined
  close(code: number) {
    this.code ??= code
    this.emit('close')
  }
}

function enter(revocations: Revocations, user: string | undefined, authorizedAt: number | undefined) {
  const socket = new Socket()
  const isIn = revocations.admit(socket as unknown as WebSocket, { user, authorizedAt })
  return { socket, isIn }
}

it('keeps exactly the users who were not revoked since, in any order of events', () => {
  const user = fc.constantFrom('ada', 'Ada', 'ad\u0430', 'e\u0301', '\u00e9')
  const time = fc.integer({ min: 1, max: 5 })
  const step = fc.record({ kind: fc.constantFrom('enter', 'revoke'), user, time })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const revocations = new Revocations()
      const revoked = new Map<string, number>()
      const open: { socket: Socket; user: string; time: number }[] = []
      for (const each of steps) {
        if (each.kind === 'revoke') {
          revocations.revoke(each.user, each.time)
          revoked.set(each.user, Math.max(each.time, revoked.get(each.user) ?? 0))
        } else {
          const { socket, isIn } = enter(revocations, each.user, each.time)
          expect(isIn).toBe(each.time > (revoked.get(each.user) ?? 0))
          open.push({ socket, ...each })
        }
        for (const { socket, user, time } of open) {
          if (time <= (revoked.get(user) ?? 0)) expect(socket.code).toBe(4403)
        }
      }
      for (const { socket, user, time } of open) {
        expect(socket.code).toBe(time > (revoked.get(user) ?? 0) ? undefined : 4403)
      }
    }),
  )
})

it('refuses nobody without a name, even if others are revoked', () => {
  const revocations = new Revocations()
  revocations.revoke('', 10)
  expect(enter(revocations, undefined, undefined).isIn).toBe(true)
})

it('refuses everybody who was authorized before the oldest revocation, once it remembers 10,000', () => {
  const revocations = new Revocations()
  for (let i = 0; i <= 10_000; i++) revocations.revoke(`user ${i}`, 100 + i)
  expect(enter(revocations, 'user 0', 100).isIn).toBe(false)
  expect(enter(revocations, 'another', 100).isIn).toBe(false)
  expect(enter(revocations, 'another', undefined).isIn).toBe(false)
  expect(enter(revocations, 'another', 101).isIn).toBe(true)
  expect(enter(revocations, 'user 1', 101).isIn).toBe(false)
  expect(enter(revocations, 'user 10000', 10_100).isIn).toBe(false)
})

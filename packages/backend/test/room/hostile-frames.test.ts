import { once } from 'node:events'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openBoard, stroke } from '../support/board.ts'
import { openPage, signedIn } from '../support/page.ts'

const WAIT = { timeout: 10_000, interval: 5 }
const ID = 'a-page-of-the-test'
/** By hand: 10,000. */
const HOSTILE_FRAMES = Number(process.env.HOSTILE_FRAMES ?? 500)

it('survives hostile frames, each of which ends its own connection at most', async () => {
  const { room, port } = await openBoard({ rate: { perSecond: 100_000, burst: 100_000 } })
  const witness = await openPage(port, signedIn('witness'))
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .array(
        fc.oneof(fc.nat(3), fc.constantFrom('hello', 'draw', '__proto__', 'toString', ID), fc.jsonValue()),
      )
      .map((frame) => JSON.stringify(frame)),
    fc.constant('['.repeat(5_000)),
  )
  const frames = fc.sample(
    fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: fc.uint8Array() }),
    HOSTILE_FRAMES,
  )
  let ended = 0
  /** Sends one frame after the other, over a new connection where the last one was ended. */
  async function sendSome(some: readonly (string | Uint8Array)[]) {
    let page = await openPage(port, signedIn('eve'))
    for (const frame of some) {
      page.socket.send(frame)
      page.socket.ping()
      const answered = once(page.socket, 'pong').then(() => false)
      const isEnded = await Promise.race([answered, page.closed.then(() => true)])
      answered.catch(() => {})
      if (!isEnded) continue
      ended += 1
      page = await openPage(port, signedIn('eve'))
    }
  }
  const lanes = 10
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      sendSome(frames.filter((_frame, index) => index % lanes === lane)),
    ),
  )
  expect(ended).toBeGreaterThan(frames.length / 2)
  expect(room.stats.received).toBeGreaterThanOrEqual(frames.length)
  witness.send(0, 'draw', stroke(1))
  await vi.waitFor(() => expect(room.state.strokes).toContainEqual(stroke(1)), WAIT)
  expect(witness.socket.readyState).toBe(WebSocket.OPEN)
}, 120_000)

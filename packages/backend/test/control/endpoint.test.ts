import { request } from 'node:http'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Board, openBoard, stroke } from '../support/board.ts'
import { memoryStorage } from '../support/memory-storage.ts'
import { openPage, signedIn } from '../support/page.ts'
import { control, IDENTITY, signatureOf, type Wrong } from './support.ts'

const REVOKE_ADA = JSON.stringify({ revoke: { user: 'ada' } })
const HELLO = JSON.stringify({ send: { message: 'hello' } })

async function openControlled() {
  const received: string[] = []
  const board = await openBoard({
    identity: IDENTITY,
    fromApp: {
      message: v.string(),
      receive(room, message: string) {
        if (message === 'fail') throw new Error('The app has a bug.')
        received.push(message)
        room.broadcast('left', message)
      },
    },
  })
  return { ...board, received }
}

describe('a control request', () => {
  it('is handled once: a second time it is refused, with any body', async () => {
    const { port, received } = await openControlled()
    const header = signatureOf(HELLO)
    expect(await control(port, HELLO, header)).toEqual([204, undefined])
    expect(await control(port, HELLO, header)).toEqual([403, 'forbidden'])
    expect(await control(port, REVOKE_ADA, header)).toEqual([403, 'forbidden'])
    expect(received).toEqual(['hello'])
  })

  const wrongs: [string, Wrong][] = [
    ["with another document's key", { identity: { ...IDENTITY, key: Buffer.alloc(32, 8) } }],
    ['for an earlier backend of the document', { identity: { ...IDENTITY, name: 'before' } }],
    ['more than a minute ago', { time: Date.now() - 61_000 }],
    ['more than a minute from now', { time: Date.now() + 90_000 }],
  ]
  it.each(wrongs)('is refused if it was signed %s', async (_how, wrong) => {
    const { port, received } = await openControlled()
    expect(await control(port, HELLO, signatureOf(HELLO, wrong))).toEqual([403, 'forbidden'])
    expect(received).toEqual([])
  })

  it('is accepted from a server whose clock is half a minute off', async () => {
    const { port } = await openControlled()
    for (const ms of [-30_000, 30_000]) {
      expect(await control(port, HELLO, signatureOf(HELLO, { time: Date.now() + ms }))).toEqual([
        204,
        undefined,
      ])
    }
  })

  it('is refused with another body than the one that was signed, and if one byte of the header changes', async () => {
    const { port, received } = await openControlled()
    expect(await control(port, REVOKE_ADA, signatureOf(REVOKE_ADA, { signed: HELLO }))).toEqual([
      400,
      'bad_request',
    ])
    const header = signatureOf(HELLO)
    for (let at = 0; at < header.length; at += 7) {
      const changed = header.slice(0, at) + (header[at] === '1' ? '2' : '1') + header.slice(at + 1)
      expect([changed, await control(port, HELLO, changed)]).toEqual([changed, [403, 'forbidden']])
    }
    expect(received).toEqual([])
  })

  it('has one header: two are refused', async () => {
    const { port } = await openControlled()
    const status = await new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/.session-backend/control' })
      sent.setHeader('x-session-backend-signature', [signatureOf(HELLO), signatureOf(HELLO)])
      sent.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      sent.end(HELLO)
    })
    expect(status).toBe(403)
  })

  it('is read only up to 64 KiB, and not at all if it is not signed', async () => {
    const { port } = await openControlled()
    const long = JSON.stringify({ send: { message: 'x'.repeat(70_000) } })
    expect(await control(port, long, signatureOf(long))).toEqual([413, 'payload_too_large'])
    // The body never comes: the answer does.
    const status = await new Promise((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/.session-backend/control' })
      onTestFinished(() => void sent.destroy())
      sent.setHeader('content-length', 1_000_000)
      sent.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      sent.flushHeaders()
    })
    expect(status).toBe(403)
  })

  it.each(['', 'null', '{}', '{"restart":{}}', '{"send":{}}', '{"revoke":{"user":1}}', '{"stats":1}'])(
    'is refused as `bad_request` if it says %o',
    async (body) => {
      const { port } = await openControlled()
      expect(await control(port, body, signatureOf(body))).toEqual([400, 'bad_request'])
    },
  )

  it('for stats is answered with what the room counts', async () => {
    const { port, room } = await openControlled()
    await (await openPage(port, signedIn('ada'))).find({ type: 'message' })
    const body = JSON.stringify({ stats: {} })
    const headers = { 'x-session-backend-signature': signatureOf(body) }
    const url = `http://127.0.0.1:${port}/.session-backend/control`
    const answer = await fetch(url, { method: 'POST', headers, body })
    expect([answer.status, await answer.json()]).toEqual([200, { ...room.stats }])
    expect(room.stats.connections).toBe(1)
  })

  it('tells the app whether its message was handled, and no more', async () => {
    const { port, problems } = await openControlled()
    for (const [message, code] of [
      [7, [400, 'bad_request']],
      ['fail', [500, 'internal']],
    ]) {
      const body = JSON.stringify({ send: { message } })
      expect(await control(port, body, signatureOf(body))).toEqual(code)
    }
    expect(problems).toEqual(['handling a message of the app: The app has a bug.'])
  })

  it('is refused while the backend is stopping, because its changes would not be saved', async () => {
    const { port, close, received } = await openControlled()
    const status = new Promise((resolve, reject) => {
      const headers = { 'x-session-backend-signature': signatureOf(HELLO), expect: '100-continue' }
      const path = '/.session-backend/control'
      const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers })
      sent.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      // The backend has the head.
      sent.on('continue', () => {
        void close(AbortSignal.timeout(1_000))
        sent.end(HELLO)
      })
      sent.flushHeaders()
    })
    expect(await status).toBe(410)
    expect(received).toEqual([])
  })

  it('is answered when its change is saved, if `receive` waits for `room.save`', async () => {
    const { storage, stored } = memoryStorage<Board>()
    const { port } = await openBoard({
      ...{ identity: IDENTITY, storage, autosave: { delay: 60_000, maxDelay: 60_000 } },
      fromApp: {
        message: v.string(),
        async receive(room) {
          room.state.strokes.push(stroke(7))
          room.changed()
          await room.save()
        },
      },
    })
    expect(await control(port, HELLO, signatureOf(HELLO))).toEqual([204, undefined])
    expect(stored()?.value).toEqual({ strokes: [stroke(7)] })
  })

  it('is `not_supported` without a control key, and `send` without `fromApp`', async () => {
    const without = await openBoard()
    expect(await control(without.port, REVOKE_ADA, signatureOf(REVOKE_ADA))).toEqual([501, 'not_supported'])
    const deaf = await openBoard({ identity: IDENTITY })
    expect(await control(deaf.port, HELLO, signatureOf(HELLO))).toEqual([501, 'not_supported'])
    expect(await control(deaf.port, REVOKE_ADA, signatureOf(REVOKE_ADA))).toEqual([204, undefined])
  })
})

describe('a revoked user', () => {
  const at = (authorizedAt: number) => signedIn('ada', { 'session-backend-authorized-at': authorizedAt })

  it('is refused if authorized until then, and let in if authorized later', async () => {
    const { port } = await openControlled()
    const time = Date.now()
    const [before, later, ben] = [
      await openPage(port, at(time - 1)),
      await openPage(port, at(time + 1)),
      await openPage(port, signedIn('ben')),
    ]
    await Promise.all([before, later, ben].map((page) => page.find({ type: 'message' })))
    expect(await control(port, REVOKE_ADA, signatureOf(REVOKE_ADA, { time }))).toEqual([204, undefined])
    expect(await before.closed).toMatchObject({ code: 4403 })
    // Without a time: a URL that nobody knows when it was made.
    for (const headers of [at(time - 1), at(time), signedIn('ada')]) {
      expect((await (await openPage(port, headers)).closed).code).toBe(4403)
    }
    await (await openPage(port, at(time + 1))).find({ type: 'message' })
    expect([later.socket.readyState, ben.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  })

  it('is refused, too, while the room is still asking its own `authorize`', async () => {
    const asked = withResolvers()
    const answer = withResolvers()
    const { port, room } = await openBoard({
      identity: IDENTITY,
      async authorize({ user = '' }) {
        asked.resolve()
        await answer.promise
        return { name: user }
      },
    })
    const page = await openPage(port, at(Date.now()))
    await asked.promise
    await control(port, REVOKE_ADA, signatureOf(REVOKE_ADA, { time: Date.now() + 1 }))
    answer.resolve()
    expect((await page.closed).code).toBe(4403)
    expect([room.people.size, page.texts, room.stats.refused]).toEqual([0, [], 1])
  })

  it('is cut if the page does not answer', async () => {
    const { port, room } = await openControlled()
    const page = await openPage(port, at(1))
    await page.find({ type: 'message' })
    page.socket.pause()
    const began = performance.now()
    await control(port, REVOKE_ADA, signatureOf(REVOKE_ADA))
    await expect.poll(() => room.people.size, { timeout: 5_000, interval: 5 }).toBe(0)
    expect(performance.now() - began).toBeGreaterThan(400)
  })
})

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { jamsocket, type SessionBackends } from '@session-backend/server'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { bundle } from '../packages/backend/test/support/program.ts'
import {
  CONTROLLED,
  open,
  openSession,
  percentile,
  REVOCATION_LIMIT,
  startAppServer,
  timeRevocation,
} from './control/app.ts'
import { openPage } from './control/page.ts'

const WAIT = { timeout: 20_000, interval: 10 }
const ROUNDS = process.env.MEASURE === '1' ? 10 : 1
const CONTROL = '.session-backend/control'

let folder: string
let program: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-backend-control-'))
  program = await bundle(CONTROLLED, folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let documents = 0
const newDocument = () => `doc-${++documents}`

describe.each([1, 2] as const)('an app and its backends on version %i of the API', (apiVersion) => {
  let mock: MockPlatform
  let app: SessionBackends
  /** Another server of the same app. */
  let replica: SessionBackends

  beforeAll(async () => {
    mock = await createMockPlatform({ services: { room: { command: [process.execPath, program] } } })
    ;[app, replica] = [createServer(), createServer()]
  })
  afterAll(async () => {
    await Promise.all([app?.close(), replica?.close()])
    await mock?.close()
  })

  const createServer = (secrets?: string[]) =>
    startAppServer({
      platform: jamsocket.fromEnv(mock.env('room'), { apiVersion }),
      ...(secrets && { secrets }),
    })

  it('tell the room who each user is, and what they may do', async () => {
    const document = newDocument()
    const pages = await Promise.all(['ada', 'ben'].map((user) => open(app, document, user)))
    for (const [index, user] of ['ada', 'ben'].entries()) {
      const you = await pages[index]?.message('you')
      expect(you).toEqual({ user, auth: { role: `role of ${user}` }, url: '/' })
    }
    expect(new Set(pages.map(({ session }) => session.name)).size).toBe(1)
  })

  it('revoke a user from any server: 4403, and again until `authorize` has let them in again', async () => {
    const document = newDocument()
    const [first, second, ben] = [
      await open(app, document),
      await open(app, document),
      await open(app, document, 'ben'),
    ]
    await Promise.all([first.message('you'), second.message('you'), ben.message('you')])
    expect(await replica.revoke(document, { user: 'ada' })).toEqual({ delivered: true })
    expect(await Promise.all([first.closed, second.closed])).toEqual([4403, 4403])
    expect(await (await openPage(first.session.url)).closed).toBe(4403)
    const again = await open(app, document)
    expect(await again.message('you')).toMatchObject({ user: 'ada' })
    await app.send(document, { text: 'to who is left' })
    expect([await ben.message('told'), await again.message('told')]).toEqual([
      'to who is left',
      'to who is left',
    ])
  })

  it('give a document messages of the app; the backend refuses those that are not valid', async () => {
    const document = newDocument()
    const page = await open(app, document)
    await page.message('you')
    expect(await replica.send(document, { text: 'A webhook: Ж 🎉' })).toEqual({ delivered: true })
    expect(await page.message('told')).toBe('A webhook: Ж 🎉')
    await expect(app.send(document, { text: 7 })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(app.send(document, undefined)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(app.send(document, { text: 'fail' })).rejects.toMatchObject({ code: 'platform_error' })
    const long = { text: 'x'.repeat(65_536) }
    await expect(app.send(document, long)).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(await app.send(document, { text: 'x'.repeat(65_000) })).toEqual({ delivered: true })
  })

  it('restart a backend: pages are told to come back, and the next opening spawns', async () => {
    const document = newDocument()
    const page = await open(app, document)
    await page.message('you')
    expect(await replica.restart(document)).toEqual({ delivered: true })
    expect(await page.closed).toBe(1012)
    const next = await openSession(app, document)
    expect([next.spawned, next.name === page.session.name]).toEqual([true, false])
  })

  it('do nothing if no backend is running, and start none', async () => {
    const document = newDocument()
    const results = [
      await app.revoke(document, { user: 'ada' }),
      await app.send(document, { text: 'hello' }),
      await app.restart(document),
    ]
    expect(results).toEqual(Array(3).fill({ delivered: false }))
    expect((await openSession(app, document)).spawned).toBe(true)
  })

  it('keep the control key from the room, its child processes and its log', async () => {
    const document = newDocument()
    const { session, message } = await open(app, document)
    await message('you')
    const platform = jamsocket.fromEnv(mock.env('room'), { apiVersion })
    const log: string[] = []
    const left = new AbortController()
    await vi.waitFor(async () => {
      for await (const line of platform.logs(session.name, { signal: left.signal })) {
        log.push(line)
        if (line.startsWith('listening')) break
      }
    }, WAIT)
    await platform.close()
    expect(log.join('\n')).toContain('SESSION_BACKEND_ID')
    expect(log.join('\n')).not.toContain('CONTROL_KEY')
  })

  it('answer a page that guesses with 403, even if its body is large', async () => {
    const document = newDocument()
    const { session, message } = await open(app, document)
    await message('you')
    const url = new URL(CONTROL, session.url)
    const mac = 'A'.repeat(43)
    const guesses = ['', 'x', `t=${Date.now()},n=${'A'.repeat(22)},d=${mac},mac=${mac}`]
    for (const guess of guesses) {
      for (const body of ['{"revoke":{"user":"ada"}}', 'x'.repeat(5_000_000)]) {
        const headers = { 'x-session-backend-signature': guess }
        const { status } = await fetch(url, { method: 'POST', headers, body })
        // The backend doesn't read what isn't signed: the proxy may lose the connection before it has the answer.
        expect(body.length < 100 ? [403] : [403, 502]).toContain(status)
      }
    }
    expect((await fetch(url)).status).toBe(426)
    expect(await app.send(document, { text: 'still here' })).toEqual({ delivered: true })
    expect(await message('told')).toBe('still here')
  })

  it('throw `not_supported` for a backend that was spawned without a key', async () => {
    const document = newDocument()
    const platform = jamsocket.fromEnv(mock.env('room'), { apiVersion })
    await platform.spawn({ lock: `room/${document}` })
    await platform.close()
    const refusal = { code: 'not_supported', status: 501 }
    await expect(app.revoke(document, { user: 'ada' })).rejects.toMatchObject(refusal)
    await expect(app.send(document, { text: 'hello' })).rejects.toMatchObject(refusal)
    expect(await app.restart(document)).toEqual({ delivered: true })
  })

  it('keep working while the secret changes, if the old one is listed too', async () => {
    const document = newDocument()
    const [old, changing, done] = [
      createServer(['an old secret of 16']),
      createServer(['a new secret of the app', 'an old secret of 16']),
      createServer(['a new secret of the app']),
    ]
    onTestFinished(() => Promise.all([old, changing, done].map((each) => each.close())).then(() => {}))
    await (await open(old, document)).message('you')
    const page = await open(changing, document)
    expect(await page.message('you')).toMatchObject({ user: 'ada' })
    await expect(done.revoke(document, { user: 'ada' })).rejects.toMatchObject({
      code: 'platform_misconfigured',
    })
    expect(await changing.revoke(document, { user: 'ada' })).toEqual({ delivered: true })
    expect(await page.closed).toBe(4403)
    await changing.restart(document)
    expect(await (await open(changing, document)).message('you')).toMatchObject({ user: 'ada' })
    expect(await (await open(done, document)).message('you')).toMatchObject({ user: 'ada' })
  })

  it(`close 200 connections of a revoked user within ${REVOCATION_LIMIT} ms, 99 of 100`, async () => {
    const document = newDocument()
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) times.push(...(await timeRevocation(app, document)))
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
    if (ROUNDS > 1) console.log(`v${apiVersion}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`)
    expect(p99).toBeLessThan(REVOCATION_LIMIT)
  }, 240_000)
})

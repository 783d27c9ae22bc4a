import {
  type BackendState,
  type BackendStatus,
  isTerminal,
  type Session,
  SessionBackendError,
} from '@session-backend/core'
import { isForward, isRecord } from '@session-backend/core/internal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Grant, SpawnCall } from '../../src/common/platform.ts'
import { createSessionBackends } from '../../src/session-backends.ts'
import type { Engine } from './engine.ts'
import { echo, openSocket, until } from './wire.ts'

/** No engine takes longer for one thing, in ms. */
const PATIENCE = 90_000

let locks = 0
/** A lock that nobody has used, on this engine or in an earlier run. */
export const newLock = () => `contract/${process.pid}-${Date.now()}-${++locks}`

/** What every engine owes to the route handlers. `start` is called once. */
export function describeContract(name: string, start: () => Promise<Engine>): void {
  describe(`the Platform interface on ${name}`, { timeout: PATIENCE }, () => {
    let engine: Engine

    beforeAll(async () => {
      engine = await start()
    }, PATIENCE)
    afterAll(() => engine?.close(), PATIENCE)

    const spawn = (request: Partial<SpawnCall> = {}) =>
      engine.platform.spawn({ lock: newLock(), gracePeriodSeconds: 60, ...request })
    const follow = (session: Session, status?: BackendStatus) =>
      until(engine.platform.statusStream(session.name), status)
    const envOf = (session: Session) => askJson(session, 'env')
    const headersOf = async (session: Session, headers = {}) =>
      Object((await askJson(session, 'request', { headers })).headers)

    async function terminate(session: Session): Promise<BackendState[]> {
      await engine.platform.terminate(session.name)
      return follow(session)
    }

    it('of 50 that spawn one lock at once, all get one backend, which one has spawned', async () => {
      const lock = newLock()
      const sessions = await Promise.all(Array.from({ length: 50 }, () => spawn({ lock })))
      expect(new Set(sessions.map(({ name }) => name)).size).toBe(1)
      expect(sessions.filter(({ spawned }) => spawned)).toHaveLength(1)
      const [session] = sessions
      if (session) await terminate(session)
    })

    it('finds the backend of a lock, and throws not_running without one', async () => {
      const lock = newLock()
      await expect(engine.platform.fetch({ lock })).rejects.toMatchObject({ code: 'not_running' })
      const { name } = await spawn({ lock })
      const found = await engine.platform.fetch({ lock })
      expect([found.name, found.spawned]).toEqual([name, false])
      await terminate(found)
    })

    it('tells every status in order, from the first to the last, also to a late reader', async () => {
      const session = await spawn()
      const live = follow(session)
      await follow(session, 'Ready')
      await engine.platform.terminate(session.name)
      const states = await live
      for (const [index, { state }] of states.entries()) {
        expect(isForward(states[index - 1]?.state, state)).toBe(true)
        expect(Number.isNaN(Date.parse(states[index]?.time ?? ''))).toBe(false)
      }
      expect(states.map(({ state }) => state)).toEqual(['Loading', 'Starting', 'Ready', 'Terminated'])
      expect((await follow(session)).map(({ state }) => state)).toEqual(states.map(({ state }) => state))
    })

    it('knows nothing of a backend that never was', async () => {
      await expect(until(engine.platform.statusStream('no-such-backend'))).rejects.toBeInstanceOf(
        SessionBackendError,
      )
    })

    it.each([
      ['Exited', 0],
      ['Failed', 3],
    ])('tells that a backend has %s by itself', async (status, code) => {
      const session = await spawn()
      await follow(session, 'Ready')
      await askJson(session, `exit?code=${code}`, { method: 'POST' })
      expect((await follow(session)).at(-1)?.state).toBe(status)
    })

    it('gives the backend its variables', async () => {
      const lock = newLock()
      const session = await spawn({ lock, env: { CONFORMANCE_TEXT: 'a "b" $HOME' } })
      expect(await envOf(session)).toMatchObject({
        PORT: expect.stringMatching(/^\d+$/),
        JAMSOCKET_SERVICE: engine.platform.service,
        SESSION_BACKEND_ID: session.name,
        SESSION_BACKEND_KEY: lock,
        CONFORMANCE_TEXT: 'a "b" $HOME',
      })
      await terminate(session)
    })

    it('frees the lock of a backend that was terminated; the next fencing token is higher', async () => {
      const lock = newLock()
      const tokens: number[] = []
      const names = new Set<string>()
      for (let round = 0; round < 3; round++) {
        const session = await spawn({ lock })
        expect(session.spawned).toBe(true)
        names.add(session.name)
        tokens.push(Number((await envOf(session)).SESSION_BACKEND_FENCING_TOKEN))
        expect((await terminate(session)).at(-1)?.state).toBe('Terminated')
      }
      expect(names.size).toBe(3)
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
      await expect(engine.platform.fetch({ lock })).rejects.toMatchObject({ code: 'not_running' })
    })

    it('keeps a backend while a WebSocket is open, and sweeps it afterwards', async () => {
      const session = await spawn({ gracePeriodSeconds: engine.shortestIdle })
      await follow(session, 'Ready')
      const socket = await openSocket(session)
      const opened = Date.now()
      // Longer than the limit, by what the engine may be late.
      while (Date.now() - opened < (engine.shortestIdle * 1.5 + 1) * 1000)
        expect(await echo(socket, 'alive')).toBe('alive')
      socket.close()
      expect((await follow(session)).at(-1)?.state).toBe('Swept')
    })

    it('carries WebSockets of several users to one backend', async () => {
      const lock = newLock()
      const sessions = [
        await spawn({ lock, grant: { user: 'ada' } }),
        await spawn({ lock, grant: { user: 'ben' } }),
      ]
      const sockets = await Promise.all(sessions.map(openSocket))
      expect(await Promise.all(sockets.map((socket) => echo(socket, 'hello')))).toEqual(['hello', 'hello'])
      for (const socket of sockets) socket.close()
      const [session] = sessions
      if (session) await terminate(session)
    })

    it('tells the backend who each user is, or tells it nothing if all users share a URL', async () => {
      const lock = newLock()
      const grants: Grant[] = [{ user: 'ada', auth: { role: 'writer' } }, { user: 'ben' }, {}]
      const sessions = await Promise.all(grants.map((grant) => spawn({ lock, grant })))
      const urls = new Set(sessions.map(({ url }) => url))
      const claims = { 'x-verified-username': 'eve', 'x-verified-user-data': '{"role":"admin"}' }
      const seen = await Promise.all(sessions.map((session) => headersOf(session, claims)))
      const users = seen.map((headers) => headers['x-verified-username'])
      const roles = seen.map((headers) => JSON.parse(headers['x-verified-user-data'] ?? '{}').role)
      expect(engine.platform.sharesSessions).toBe(!engine.vouches)
      expect(urls.size).toBe(engine.vouches ? 3 : 1)
      expect(users).toEqual(engine.vouches ? ['ada', 'ben', undefined] : [undefined, undefined, undefined])
      expect(roles).toEqual(
        engine.vouches ? ['writer', undefined, undefined] : [undefined, undefined, undefined],
      )
      const fetched = await engine.platform.fetch({ lock, grant: { user: 'cyd' } })
      expect((await headersOf(fetched))['x-verified-username']).toBe(engine.vouches ? 'cyd' : undefined)
      await terminate(fetched)
    })

    it("carries an app's users, keys and messages to the backend, and restarts it", async () => {
      const lock = newLock()
      const app = createSessionBackends({
        platform: engine.platform,
        authorize: () => ({ user: 'ada', auth: { role: 'writer' } }),
        lock: () => lock,
        secrets: ['a secret of the app'],
      })
      const session = await app.connect('doc', { headers: {} })
      await follow(session, 'Ready')
      expect((await envOf(session)).SESSION_BACKEND_CONTROL_KEY).toMatch(/^[\w-]{43}$/)

      // What the backend learns about the user, on each engine.
      const seen = await askJson(session, `request${new URL(session.url).search}`, {
        method: 'POST',
        headers: { 'x-session-backend-signature': 't=1,n=2' },
        body: '{"send":{}}',
      })
      const headers = Object(seen.headers)
      const auth = JSON.parse(headers['x-verified-user-data'] ?? '{}')
      expect([headers['x-session-backend-signature'], seen.body]).toEqual(['t=1,n=2', '{"send":{}}'])
      expect(typeof auth['session-backend-authorized-at']).toBe(engine.vouches ? 'number' : 'undefined')
      expect(headers['x-verified-username']).toBe(engine.vouches ? 'ada' : undefined)
      expect(String(seen.url).includes('?session-backend-user=')).toBe(!engine.vouches)

      // The answer is this backend's own, which has no room.
      await expect(app.send('doc', { hello: 1 })).rejects.toMatchObject({ code: 'not_supported' })
      expect(await app.restart('doc')).toEqual({ delivered: true })
      const next = await app.connect('doc', { headers: {} })
      expect([next.spawned, next.name === session.name]).toEqual([true, false])
      await terminate(next)
    })

    it('refuses a wrong token, and any token once the backend has ended', async () => {
      const session = await spawn()
      await follow(session, 'Ready')
      const [token = ''] = session.url.split('/').slice(-2)
      const forged = session.url.replace(token, token.split('').reverse().join(''))
      expect((await ask({ ...session, url: forged }, 'env')).ok).toBe(false)
      await terminate(session)
      expect((await ask(session, 'env')).ok).toBe(false)
    })

    it('has the log of a backend, or says that it has none', async () => {
      const session = await spawn()
      await follow(session, 'Ready')
      const lines = async () => {
        const all: string[] = []
        for await (const line of engine.platform.logs(session.name)) all.push(line)
        return all
      }
      if (engine.hasLogs) {
        const log = lines()
        await terminate(session)
        expect(await log).toContainEqual(expect.stringMatching(/^listening on \d+$/))
      } else {
        await expect(lines()).rejects.toMatchObject({ code: 'not_found' })
        await terminate(session)
      }
    })

    it('refuses what cannot be, before anything is sent', async () => {
      await expect(spawn({ lock: '' })).rejects.toMatchObject({ code: 'invalid_option' })
      await expect(spawn({ env: { PORT: '80' } })).rejects.toMatchObject({ code: 'invalid_option' })
      if (!engine.vouches) return
      for (const grant of [
        { user: 'Zoë' },
        { user: 'ada ' },
        { auth: { name: 'Zoë' } },
        { auth: 'admin' },
        { user: 'a\r\nb' },
      ]) {
        await expect(spawn({ grant })).rejects.toMatchObject({ code: 'invalid_option' })
      }
    })

    it('ends the stream of statuses of a reader that leaves', async () => {
      const session = await spawn()
      await follow(session, 'Ready')
      const left = new AbortController()
      const reason = new Error('left')
      const stream = until(engine.platform.statusStream(session.name, { signal: left.signal }))
      left.abort(reason)
      await expect(stream).rejects.toBe(reason)
      expect(
        (await terminate(session)).every(({ state }) => !isTerminal(state) || state === 'Terminated'),
      ).toBe(true)
    })
  })
}

function ask({ url }: Session, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, url), init)
}

async function askJson(
  session: Session,
  path: string,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const response = await ask(session, path, init)
  const value: unknown = await response.json()
  return isRecord(value) ? value : expect.fail(`${path} answered ${response.status}`)
}

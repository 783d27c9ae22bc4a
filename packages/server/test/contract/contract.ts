import { isTerminal, SessionBackendError } from '@session-backend/core'
import { isForward } from '@session-backend/core/internal'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ABILITY_NAMES, can } from './abilities.ts'
import { ask, askJson, type Driver, drive, newLock, until } from './driver.ts'
import type { Engine, EngineName } from './engine.ts'
import { SHOWS } from './shows.ts'
import { echo, openSocket } from './wire.ts'

/** No engine takes longer for one thing, in ms. */
const PATIENCE = 90_000

/** What every engine owes to the route handlers. `start` is called once. */
export function describeContract(name: string, column: EngineName, start: () => Promise<Engine>): void {
  describe(`the Platform interface on ${name}`, { timeout: PATIENCE }, () => {
    let engine: Engine
    let driver: Driver

    beforeAll(async () => {
      engine = await start()
      driver = drive(engine)
    }, PATIENCE)
    afterAll(() => engine?.close(), PATIENCE)

    const spawn: Driver['spawn'] = (request) => driver.spawn(request)
    const follow: Driver['follow'] = (session, status) => driver.follow(session, status)
    const envOf: Driver['envOf'] = (session) => driver.envOf(session)
    const terminate: Driver['terminate'] = (session) => driver.terminate(session)
    const vouches = can(column, 'users')

    for (const ability of ABILITY_NAMES) {
      const { title, run, otherwise } = SHOWS[ability]
      if (can(column, ability)) it(title, () => run(driver))
      else if (otherwise) it(otherwise.title, () => otherwise.run(driver))
      else it(title, () => expect.fail(`Nothing shows what ${name} says instead.`))
    }

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

    it("carries an app's users, keys and messages to the backend", async () => {
      const { sessionBackends, open } = driver.openApp()
      const session = await open('doc')
      expect((await envOf(session)).SESSION_BACKEND_CONTROL_KEY).toMatch(/^[\w-]{43}$/)

      // What the backend learns about the user, on each engine.
      const { url, headers, body } = await driver.requestOf(session, {
        method: 'POST',
        headers: { 'x-session-backend-signature': 't=1,n=2' },
        body: '{"send":{}}',
      })
      const auth = JSON.parse(headers['x-verified-user-data'] ?? '{}')
      expect([headers['x-session-backend-signature'], body]).toEqual(['t=1,n=2', '{"send":{}}'])
      expect(typeof auth['session-backend-authorized-at']).toBe(vouches ? 'number' : 'undefined')
      expect(headers['x-verified-username']).toBe(vouches ? 'ada' : undefined)
      expect(url.includes('?session-backend-user=')).toBe(!vouches)

      // The answer is this backend's own, which has no room.
      await expect(sessionBackends.send('doc', { hello: 1 })).rejects.toMatchObject({ code: 'not_supported' })
      await terminate(session)
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

    it('refuses what cannot be, before anything is sent', async () => {
      await expect(spawn({ lock: '' })).rejects.toMatchObject({ code: 'invalid_option' })
      await expect(spawn({ env: { PORT: '80' } })).rejects.toMatchObject({ code: 'invalid_option' })
      if (!vouches) return
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

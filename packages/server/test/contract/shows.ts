import { expect } from 'vitest'
import type { Grant } from '../../src/common/platform.ts'
import type { AbilityName } from './abilities.ts'
import { ask, type Driver, newLock } from './driver.ts'
import { showsHandOver } from './shows-hand-over.ts'
import { showsToken } from './shows-token.ts'
import { showsWarmPool } from './shows-warm-pool.ts'

/** How an engine shows that it has an ability, or what it says instead. */
export interface Show {
  title: string
  run(driver: Driver): Promise<void>
  otherwise?: { title: string; run(driver: Driver): Promise<void> }
}

/** For each ability of the table. An engine without an ability needs `otherwise`. */
export const SHOWS: Record<AbilityName, Show> = {
  ...showsHandOver,
  ...showsToken,
  ...showsWarmPool,

  oneBackend: {
    title: 'of 50 that spawn one lock at once, all get one backend, which one has spawned',
    async run({ spawn, terminate }) {
      const lock = newLock()
      const sessions = await Promise.all(Array.from({ length: 50 }, () => spawn({ lock })))
      expect(new Set(sessions.map(({ name }) => name)).size).toBe(1)
      expect(sessions.filter(({ spawned }) => spawned)).toHaveLength(1)
      const [session] = sessions
      if (session) await terminate(session)
    },
  },

  users: {
    title: 'gives each user a URL, and tells the backend who they are',
    async run(driver) {
      const seen = await openAsThree(driver)
      expect(driver.engine.platform.sharesSessions).toBe(false)
      expect(seen).toEqual({
        urls: 3,
        users: ['ada', 'ben', undefined],
        roles: ['writer', undefined, undefined],
        fetched: 'cyd',
      })
    },
    otherwise: {
      title: 'gives all users one URL, and tells the backend nothing about them',
      async run(driver) {
        const seen = await openAsThree(driver)
        expect(driver.engine.platform.sharesSessions).toBe(true)
        const nobody = [undefined, undefined, undefined]
        expect(seen).toEqual({ urls: 1, users: nobody, roles: nobody, fetched: undefined })
      },
    },
  },

  tags: {
    title: "runs a spawn's tag, and fails to load a tag that is not there",
    async run({ engine, spawn, follow, terminate }) {
      const session = await spawn({ tag: engine.tag })
      await follow(session, 'Ready')
      await terminate(session)
      const states = await follow(await spawn({ tag: 'no-such-tag' }))
      expect(states.map(({ state }) => state)).toEqual(['Loading', 'ErrorLoading'])
    },
  },

  trace: {
    title: 'gives a backend the trace of the page that opened it, as TRACEPARENT',
    async run({ openApp, envOf, terminate }) {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
      const { open } = openApp()
      const sessions = [await open('traced', { traceparent }), await open('other')]
      const seen = await Promise.all(sessions.map(envOf))
      expect(seen.map(({ TRACEPARENT }) => TRACEPARENT)).toEqual([traceparent, undefined])
      for (const session of sessions) await terminate(session)
    },
  },

  logs: {
    title: 'has the log of a backend',
    async run({ engine, spawn, follow, terminate }) {
      const session = await spawn()
      await follow(session, 'Ready')
      const lines: string[] = []
      const reading = (async () => {
        for await (const line of engine.platform.logs?.(session.name) ?? []) lines.push(line)
      })()
      await terminate(session)
      await reading
      expect(lines).toContainEqual(expect.stringMatching(/^listening on \d+$/))
    },
    otherwise: {
      title: 'has no logs, so the route answers 501 not_supported',
      async run({ openApp, terminate }) {
        const { sessionBackends, open } = openApp()
        const session = await open('doc')
        const answer = await sessionBackends.handle(new Request('http://app.example/api/sessions/doc/logs'))
        expect([answer.status, await answer.json()]).toMatchObject([
          501,
          { error: { code: 'not_supported' } },
        ])
        await terminate(session)
      },
    },
  },

  list: {
    title: 'lists its backends with their locks, statuses, tags and connections',
    async run({ engine, openApp, spawn, follow, terminate }) {
      const lock = newLock()
      const session = await spawn({ lock, tag: engine.tag })
      await follow(session, 'Ready')
      const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
      const { name } = session
      expect(await openApp().sessionBackends.list()).toContainEqual({
        ...{ name, lock, tag: engine.tag, status: 'Ready', since: time, createdAt: time, connections: 0 },
      })
      await terminate(session)
    },
    otherwise: {
      title: 'has no list of backends, so `list` throws not_supported',
      run: ({ openApp }) =>
        expect(openApp().sessionBackends.list()).rejects.toMatchObject({ code: 'not_supported' }),
    },
  },

  cors: {
    title: 'lets any page read an answer, unless the backend has its own CORS headers',
    run: async (driver) => expect(await originsOf(driver)).toEqual(['*', 'https://app.example']),
    otherwise: {
      title: 'lets any page read an answer, even if the backend has its own CORS headers',
      run: async (driver) => expect(await originsOf(driver)).toEqual(['*', '*']),
    },
  },

  readyPage: {
    title: 'has a page that waits until the backend is ready',
    async run({ spawn, terminate }) {
      const session = await spawn()
      const page = await fetch(session.readyUrl)
      expect([page.status, page.headers.get('content-type')]).toEqual([
        200,
        expect.stringMatching('text/html'),
      ])
      await terminate(session)
    },
    otherwise: {
      title: "has no ready page: `readyUrl` is the backend's URL, where requests wait until it is ready",
      async run({ spawn, terminate }) {
        const session = await spawn({ env: { CONFORMANCE_DELAY_MS: '500' } })
        expect(session.readyUrl).toBe(session.url)
        expect((await fetch(new URL('env', session.readyUrl))).status).toBe(200)
        await terminate(session)
      },
    },
  },
}

/** Which pages may read an answer without, and with, CORS headers of the backend. */
async function originsOf({ spawn, terminate }: Driver) {
  const session = await spawn()
  const answers = [await ask(session, 'env'), await ask(session, 'cors')]
  await terminate(session)
  return answers.map(({ headers }) => headers.get('access-control-allow-origin'))
}

/** What a backend is told about three users who open it, though they claim to be somebody else. */
async function openAsThree({ engine, spawn, headersOf, terminate }: Driver) {
  const lock = newLock()
  const grants: Grant[] = [{ user: 'ada', auth: { role: 'writer' } }, { user: 'ben' }, {}]
  const sessions = await Promise.all(grants.map((grant) => spawn({ lock, grant })))
  const claims = { 'x-verified-username': 'eve', 'x-verified-user-data': '{"role":"admin"}' }
  const seen = await Promise.all(sessions.map((session) => headersOf(session, claims)))
  const fetched = await engine.platform.fetch({ lock, grant: { user: 'cyd' } })
  const found = {
    urls: new Set(sessions.map(({ url }) => url)).size,
    users: seen.map((headers) => headers['x-verified-username']),
    roles: seen.map((headers) => JSON.parse(headers['x-verified-user-data'] ?? '{}').role),
    fetched: (await headersOf(fetched))['x-verified-username'],
  }
  await terminate(fetched)
  return found
}

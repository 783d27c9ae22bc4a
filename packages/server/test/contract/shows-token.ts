import { expect } from 'vitest'
import { createSessionBackends } from '../../src/session-backends.ts'
import { newLock, until } from './driver.ts'
import type { Show } from './shows.ts'
import { openSocket } from './wire.ts'

/** What the backend learns about its URL's prefix. */
export const showsToken = {
  prefix: {
    title: 'removes the token from the path, and tells the whole path in x-verified-path',
    async run({ spawn, requestOf, terminate }) {
      const session = await spawn()
      const claims = { 'x-verified-path': '/forged' }
      const seen = await requestOf(session, { headers: claims })
      expect(seen.url).toBe('/request')
      expect(seen.headers['x-verified-path']).toBe(new URL('request', session.url).pathname)
      await terminate(session)
    },
  },

  staticToken: {
    title: 'gives a backend one token for all, which it knows before it starts and gets in every path',
    async run({ engine, envOf, requestOf }) {
      const platform = engine.withStaticToken
      const sessionBackends = createSessionBackends({
        platform,
        authorize: ({ request }) => ({ user: request.headers.get('x-user') ?? 'guest' }),
        lock: newLock,
        secrets: ['a secret of the app'],
      })
      const ada = await sessionBackends.connect('doc', { headers: { 'x-user': 'ada' } })
      await until(platform.statusStream(ada.name), 'Ready')
      const { pathname, search } = new URL(ada.url)
      const { SESSION_BACKEND_STATIC_TOKEN: token, SESSION_BACKEND_KEY: lock } = await envOf(ada)
      expect(pathname).toBe(`/${token}/`)
      // The platform doesn't tell who the user is; the app does.
      const { url, headers } = await requestOf(ada, { headers: { 'x-verified-username': 'eve' } })
      expect(url).toBe(`${pathname}request${search}`)
      expect(search).toMatch(/^\?session-backend-user=/)
      expect(headers['x-verified-path']).toBe(`${pathname}request`)
      expect(headers['x-verified-username']).toBeUndefined()
      const ben = await platform.fetch({ lock: String(lock), grant: { user: 'ben' } })
      expect(new URL(ben.url).pathname).toBe(pathname)
      ;(await openSocket(ben)).close()
      await platform.terminate(ada.name)
      await until(platform.statusStream(ada.name))
    },
  },
} satisfies Record<string, Show>

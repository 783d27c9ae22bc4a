import { createMockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Gate, startGate } from './gate.ts'
import { hostScenarios } from './host-scenarios.ts'
import { type NextApp, startNextApp } from './next-app.ts'
import { type App, scenarios } from './scenarios.ts'

/** What Next must do in the version that is installed under an alias: every scenario, through both of its routers. */
export function describeNext(name: string, alias: string): void {
  describe(`${name}, as a production build with middleware, a base path and trailing slashes`, () => {
    let next: NextApp
    let platform: App['platform']
    let gate: Gate

    const routers = [
      {
        router: 'App Router',
        mount: '/api/sessions',
        planOf: (tenant: string) => `/api/t/${tenant}/sessions/plan`,
        parsesBodies: false,
      },
      {
        router: 'Pages Router',
        mount: '/api/pages',
        planOf: (tenant: string) => `/api/pages-of/${tenant}/plan`,
        parsesBodies: true,
      },
    ]

    beforeAll(async () => {
      platform = await createMockPlatform({
        services: { editor: { serve: (_, { log }) => log('hello from the backend') } },
      })
      gate = await startGate(platform.url)
      next = await startNextApp(alias, { ...platform.env('editor'), JAMSOCKET_API_URL: gate.url })
      // A route loads with its first request, which may take longer than the platform's client waits.
      for (const { mount } of routers) {
        const warmUp = () =>
          fetch(`${next.url}${mount}/warm-up`, { method: 'POST', headers: { 'x-user': 'alice' } })
        await vi.waitFor(async () => expect((await warmUp()).status).toBe(200), { timeout: 60_000 })
      }
    }, 300_000)

    afterAll(async () => {
      await next?.close()
      await gate?.close()
      await platform?.close()
    })

    describe.each(routers)('$router', ({ mount, planOf, parsesBodies }) => {
      it.each(scenarios)('$name', ({ run }) => run({ url: next.url + mount, platform, gate, parsesBodies }))

      for (const { name, run } of hostScenarios) {
        it(name, { timeout: 40_000 }, ({ skip }) => {
          if (name.includes('writeHead')) return skip('Next has no middleware of Node.')
          if (name.includes('has parsed') && !parsesBodies) return skip('The App Router parses no body.')
          const liveUrl = `${next.url}/live${mount.slice('/api'.length)}`
          return run({ url: next.url + mount, liveUrl, gate, collect: next.collect })
        })
      }

      it('tells documents of two tenants apart that have one name, by the segments of its route', async () => {
        const init = { method: 'POST', headers: { 'x-user': 'alice' } }
        const open = async (tenant: string) => (await fetch(next.url + planOf(tenant), init)).json()
        const [acme, rival] = [await open('acme'), await open('rival')]
        expect(acme.name).not.toBe(rival.name)
        expect(await open('acme')).toMatchObject({ name: acme.name, spawned: false })
        const client = new AbortController()
        const stream = await fetch(`${next.url}${planOf('acme')}/status`, {
          ...init,
          method: 'GET',
          signal: client.signal,
        })
        expect(stream.headers.get('content-type')).toContain('text/event-stream')
        client.abort()
      })
    })

    it('follows a backend by one stream from the platform, though its routers load the package once each', async () => {
      const headers = { 'x-user': 'alice' }
      await fetch(`${next.url}/api/sessions/shared`, { method: 'POST', headers })
      // The app may still follow the start of the backend.
      await vi.waitFor(
        async () => {
          const answer = await fetch(`${next.url}/api/sessions/shared`, { headers })
          expect([await answer.json(), gate.open('/status/stream')]).toMatchObject([{ status: 'Ready' }, 0])
        },
        { timeout: 20_000 },
      )
      const before = gate.begun('/status/stream')
      const followers = await Promise.all(
        routers.map(({ mount }) => fetch(`${next.url}${mount}/shared/status`, { headers })),
      )
      const texts = Promise.all(followers.map((follower) => follower.text()))
      await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(1))
      await fetch(`${next.url}/api/pages/shared`, { method: 'DELETE', headers })
      for (const text of await texts) expect(text).toContain('"state":"Terminated"')
      expect(gate.begun('/status/stream')).toBe(before + 1)
    })
  })
}

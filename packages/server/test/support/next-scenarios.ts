import { createMockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Gate, startGate } from './gate.ts'
import { type NextApp, startNextApp } from './next-app.ts'
import { type App, scenarios } from './scenarios.ts'

/** What Next must do in the version that is installed under an alias: every scenario, through both of its routers. */
export function describeNext(name: string, alias: string): void {
  describe(`${name}, as a production build`, () => {
    let next: NextApp
    let platform: App['platform']
    let gate: Gate

    beforeAll(async () => {
      platform = await createMockPlatform({
        services: { editor: { serve: (_, { log }) => log('hello from the backend') } },
      })
      gate = await startGate(platform.url)
      next = await startNextApp(alias, { ...platform.env('editor'), JAMSOCKET_API_URL: gate.url })
    }, 180_000)

    afterAll(async () => {
      await next?.close()
      await gate?.close()
      await platform?.close()
    })

    const routers = [
      { router: 'App Router', mount: '/api/sessions', parsesBodies: false },
      { router: 'Pages Router', mount: '/api/pages', parsesBodies: true },
    ]
    describe.each(routers)('$router', ({ mount, parsesBodies }) => {
      it.each(scenarios)('$name', ({ run }) => run({ url: next.url + mount, platform, gate, parsesBodies }))
    })

    it('follows a backend by one stream from the platform, though its routers load the package once each', async () => {
      const headers = { 'x-user': 'alice' }
      await fetch(`${next.url}/api/sessions/shared`, { method: 'POST', headers })
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

import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { spawn, startPlatform } from '../pages/browser.ts'

/** The status that a request to the dashboard's data is answered with. */
async function statusOf(url: string, path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<number | undefined>((resolve, reject) => {
    const req = request(new URL(path, url), { method, headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    req.on('error', reject).end()
  })
}

describe("the dashboard's data", () => {
  it.each([
    [
      'a name that was made to point to this machine',
      { host: 'evil.example', 'x-page-origin': 'http://evil.example' },
    ],
    [
      'a name that looks like this machine',
      { host: 'localhost.evil.example', 'x-page-origin': 'http://localhost.evil.example' },
    ],
    ['a page of another origin', { 'x-page-origin': 'https://evil.example' }],
    ['a page of another port of this machine', { 'x-page-origin': 'http://localhost:1' }],
    ['a page without an origin', { 'x-page-origin': 'null' }],
    ['a request that does not come from the page', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
  ])('is not for %s', async (_, headers: Record<string, string>) => {
    const platform = await startPlatform({ services: { editor: { serve: () => {} } } })
    const { name } = await spawn(platform, 'editor')
    const expected = 'authorization' in headers ? 401 : 403
    expect(await statusOf(platform.dashboardUrl, '/dashboard/state', headers)).toBe(expected)
    expect(await statusOf(platform.dashboardUrl, `/dashboard/backends/${name}/log`, headers)).toBe(expected)
    expect(await statusOf(platform.dashboardUrl, `/dashboard/backends/${name}/stats`, headers)).toBe(expected)
    for (const path of [`backends/${name}/crash`, 'services/editor/spawn', 'faults/clear', 'clock/advance']) {
      expect(await statusOf(platform.dashboardUrl, `/dashboard/${path}`, headers, 'POST')).toBe(expected)
    }
  })

  it('is for the dashboard’s own page, by every name of this machine', async () => {
    const platform = await startPlatform({})
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const host = `${name}:${new URL(platform.dashboardUrl).port}`
      const headers = { host, 'x-page-origin': `http://${host}` }
      expect(await statusOf(platform.dashboardUrl, '/dashboard/state', headers)).toBe(200)
    }
  })

  it('is for anyone who has the access token, under any name', async () => {
    const platform = await startPlatform({})
    const headers = { host: 'platform.example', authorization: `Bearer ${platform.token}` }
    expect(await statusOf(platform.dashboardUrl, '/dashboard/state', headers)).toBe(200)
    expect(await statusOf(platform.dashboardUrl, '/dashboard/faults/clear', headers, 'POST')).toBe(200)
  })

  it.each(['GET', 'POST'])(
    'is not at the platform’s own address, which backends share: %s',
    async (method) => {
      const platform = await startPlatform({})
      const headers = { authorization: `Bearer ${platform.token}`, 'x-page-origin': platform.url }
      expect(await statusOf(platform.url, '/dashboard/state', headers, method)).toBe(404)
      expect(await statusOf(platform.url, '/dashboard/main.js', headers, method)).toBe(404)
    },
  )

  it.each([
    ['services/editor/stop', 404],
    ['services/nobody/spawn', 404],
    ['backends/nobody/terminate', 404],
    ['backends/:name/stop', 404],
    ['faults/stop', 404],
    ['faults/add', 400],
    ['faults/remove', 400],
    ['clock/stop', 404],
    ['clock/advance', 400],
  ])('refuses a change that it does not know: %s', async (path, status) => {
    const platform = await startPlatform({ services: { editor: { serve: () => {} } } })
    const { name } = await spawn(platform, 'editor')
    const answer = await fetch(`${platform.dashboardUrl}dashboard/${path.replace(':name', name)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.token}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(answer.status).toBe(status)
  })

  it.each(['', '?after=0', '?after=two', '?after=1.5'])(
    'shows a log from its start on: %j',
    async (query) => {
      const serve = (_: unknown, { log }: { log(line: string): void }) => log('hello')
      const platform = await startPlatform({ services: { editor: { serve } } })
      const { name } = await spawn(platform, 'editor')
      const headers = { authorization: `Bearer ${platform.token}` }
      await vi.waitFor(async () => {
        const answer = await fetch(`${platform.dashboardUrl}dashboard/backends/${name}/log${query}`, {
          headers,
        })
        expect(await answer.json()).toMatchObject({ lines: [{ text: 'hello' }], more: false, ended: false })
      })
    },
  )

  it.each([
    '/dashboard/',
    '/dashboard/nothing',
    '/dashboard/__proto__',
    '/dashboard/backends/x/terminate',
    '/dashboard/constructor',
  ])('has nothing at %s', async (path) => {
    const platform = await startPlatform({})
    const headers = { authorization: `Bearer ${platform.token}` }
    expect(await statusOf(platform.dashboardUrl, path, headers)).toBe(404)
    expect(await statusOf(platform.dashboardUrl, path, headers, 'POST')).toBe(404)
  })
})

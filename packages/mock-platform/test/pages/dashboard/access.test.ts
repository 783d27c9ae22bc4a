import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { spawn, startPlatform } from '../browser.ts'

/** The status that a request to the dashboard's data is answered with. */
async function statusOf(url: string, path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<number | undefined>((resolve, reject) => {
    const req = request(`${url}${path}`, { method, headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    req.on('error', reject).end()
  })
}

describe("the dashboard's data", () => {
  it.each([
    ['a name that was made to point to this machine', { host: 'evil.example' }],
    ['a name that looks like this machine', { host: 'localhost.evil.example' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', { origin: 'null' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another page of the same site', { 'sec-fetch-site': 'same-site' }],
    ['a link or an address that was typed in', { 'sec-fetch-site': 'none' }],
    ['somebody with a wrong token', { authorization: 'Bearer wrong' }],
  ])('is not for %s', async (_, headers: Record<string, string>) => {
    const platform = await startPlatform({ services: { editor: { serve: () => {} } } })
    const { name } = await spawn(platform, 'editor')
    const expected = 'authorization' in headers ? 401 : 403
    expect(await statusOf(platform.url, '/dashboard/state', headers)).toBe(expected)
    expect(await statusOf(platform.url, `/dashboard/backends/${name}/log`, headers)).toBe(expected)
    for (const path of [`backends/${name}/crash`, 'services/editor/spawn', 'faults/clear']) {
      expect(await statusOf(platform.url, `/dashboard/${path}`, headers, 'POST')).toBe(expected)
    }
  })

  it('is for the dashboard itself, by every name of this machine', async () => {
    const platform = await startPlatform({})
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const host = `${name}:${new URL(platform.url).port}`
      const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
      expect(await statusOf(platform.url, '/dashboard/state', headers)).toBe(200)
    }
  })

  it('is for whoever has the access token, from anywhere', async () => {
    const platform = await startPlatform({})
    const headers = { host: 'platform.example', authorization: `Bearer ${platform.token}` }
    expect(await statusOf(platform.url, '/dashboard/state', headers)).toBe(200)
    expect(await statusOf(platform.url, '/dashboard/faults/clear', headers, 'POST')).toBe(200)
  })

  it('is not changed by a request that does not say where it comes from', async () => {
    const platform = await startPlatform({})
    expect(await statusOf(platform.url, '/dashboard/faults/clear', {}, 'POST')).toBe(403)
  })

  it('is not changed by what a form of another page could send', async () => {
    const platform = await startPlatform({})
    const answer = await fetch(`${platform.url}/dashboard/faults/clear`, {
      method: 'POST',
      headers: { origin: platform.url, 'content-type': 'text/plain' },
      body: '{}',
    })
    expect(answer.status).toBe(415)
  })

  it.each([
    ['services/editor/stop', 404],
    ['services/nobody/spawn', 404],
    ['backends/nobody/terminate', 404],
    ['backends/:name/stop', 404],
    ['faults/stop', 404],
    ['faults/add', 400],
  ])('refuses a change that it does not know: %s', async (path, status) => {
    const platform = await startPlatform({ services: { editor: { serve: () => {} } } })
    const { name } = await spawn(platform, 'editor')
    const answer = await fetch(`${platform.url}/dashboard/${path.replace(':name', name)}`, {
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
        const answer = await fetch(`${platform.url}/dashboard/backends/${name}/log${query}`, { headers })
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
    expect((await fetch(`${platform.url}${path}`)).status).toBe(404)
    const post = { method: 'POST', headers: { origin: platform.url } }
    expect((await fetch(`${platform.url}${path}`, post)).status).toBe(404)
  })
})

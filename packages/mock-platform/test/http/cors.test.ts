import { describe, expect, it } from 'vitest'
import { Client, startPlatform } from '../support/platform.ts'

/** What a page of another origin is told: the status, and whose answer it may read. */
async function ask(client: Client, path: string, method: string, headers = {}) {
  const answer = await client.call(path, { method, headers: { origin: 'https://app.example', ...headers } })
  await answer.body?.cancel()
  return [answer.status, answer.headers.get('access-control-allow-origin')]
}

describe('an endpoint that supports CORS', () => {
  it('lets a page read every answer of it: success, each kind of refusal, and what it asks first', async () => {
    const client = new Client(await startPlatform())
    const { name } = await client.ready({}, 'memory')
    for (const path of [`/backend/${name}/status`, `/v1/backend/${name}/status/stream`]) {
      expect(await ask(client, path, 'GET')).toEqual([200, '*'])
      expect(await ask(client, path, 'OPTIONS')).toEqual([204, '*'])
      expect(await ask(client, path, 'DELETE')).toEqual([405, '*'])
      expect(await ask(client, path.replace(name, 'nobody'), 'GET')).toEqual([404, '*'])
    }
    const headers = { accept: 'text/html' }
    expect(await ask(client, `/backend/${name}/status/stream`, 'GET', headers)).toEqual([406, '*'])
    client.platform.faults.add({ kind: 'status', endpoint: 'status', status: 404 })
    expect(await ask(client, `/backend/${name}/status`, 'GET')).toEqual([404, '*'])
  })
})

describe('an endpoint that does not', () => {
  it('lets no page read any of its answers', async () => {
    const client = new Client(await startPlatform())
    for (const [path, method, status] of [
      ['/auth', 'GET', 200],
      ['/auth', 'OPTIONS', 204],
      ['/auth', 'POST', 405],
      ['/backend/nobody/terminate', 'POST', 404],
      ['/backend/nobody/logs', 'GET', 404],
      ['/nowhere', 'GET', 404],
    ] as const) {
      expect(await ask(client, path, method)).toEqual([status, null])
    }
  })
})

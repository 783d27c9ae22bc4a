import { describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startPlatform } from '../../support/platform.ts'
import { ClientV2 } from './client.ts'

/** Answers with the headers that it gets, requests and upgrades alike. */
const services = {
  memory: {
    serve: (server: import('node:http').Server) => {
      server.on('request', (request, response) => response.end(JSON.stringify(request.headers)))
      server.on('upgrade', (request, socket) => {
        const user = request.headers['x-verified-username']
        socket.end(`HTTP/1.1 403 Forbidden\r\nx-seen: ${user}\r\ncontent-length: 0\r\n\r\n`)
      })
    },
  },
}

async function headersAt(url: string, headers: Record<string, string> = {}) {
  return new Map<string, string>(Object.entries(Object(await (await fetch(url, { headers })).json())))
}

describe('who a user is', () => {
  it('reaches the backend with the connection token', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const ada = await client.connect({ key: 'doc', user: 'ada', auth: { role: 'writer' } })
    const ben = await client.connect({ key: 'doc', user: 'ben' })
    const [asAda, asBen] = [await headersAt(ada.url), await headersAt(ben.url)]
    expect(asAda.get('x-verified-username')).toBe('ada')
    expect(asAda.get('x-verified-user-data')).toBe('{"role":"writer"}')
    expect(asAda.get('x-verified-backend')).toBe(ada.backend_id)
    expect(asAda.get('x-verified-secret')).toBe(ada.secret_token)
    expect(asBen.get('x-verified-username')).toBe('ben')
    expect(asBen.get('x-verified-user-data')).toBe('{}')
  })

  it('reaches it with WebSockets too', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const { url } = await client.connect({ user: 'ada' })
    const seen = await new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'), { headers: { 'x-verified-username': 'eve' } })
      socket.once('unexpected-response', (request, response) => {
        resolve(response.headers['x-seen'])
        request.destroy()
      })
      socket.once('error', reject)
    })
    expect(seen).toBe('ada')
  })

  it('cannot be forged', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const nobody = await client.connect({ key: 'doc' })
    const claims = {
      'X-Verified-Username': 'root',
      'x-verified-user-data': '{"role":"admin"}',
      x_verified_username: 'root',
      'x-verified-secret': 'stolen',
    }
    const seen = await headersAt(nobody.url, claims)
    expect(seen.get('x-verified-username')).toBeUndefined()
    expect(seen.get('x-verified-user-data')).toBe('{}')
    expect(seen.get('x-verified-secret')).toBe(nobody.secret_token)
    expect([...seen.values()]).not.toContain('root')
  })

  it('is unknown on v1, where all users share a token', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const { url } = await client.spawn({}, 'memory')
    expect([...(await headersAt(url)).keys()].filter((name) => name.startsWith('x-verified-'))).toEqual([
      'x-verified-path',
    ])
  })
})

describe('a connection token', () => {
  it('leads to its own backend only', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const [one, two] = [await client.connect(), await client.connect()]
    expect((await fetch(one.url.replace(one.backend_id, two.backend_id))).status).toBe(410)
    expect((await fetch(one.url.replace(one.token, one.token.slice(0, -1)))).status).toBe(410)
  })

  it('leads nowhere once the backend has ended', async () => {
    const client = new ClientV2(await startPlatform({ services }))
    const answer = await client.connect()
    await client.end(answer)
    await client.reached(answer, 'terminated')
    expect((await fetch(answer.url)).status).toBe(410)
  })

  it('counts as activity like any other', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect({ spawn: { max_idle_seconds: 5 } }, 'editor')
    const left = new AbortController()
    const held = await fetch(`${answer.url}hold`, { signal: left.signal })
    client.platform.clock.advance(60_000)
    await client.reached(answer, 'ready')
    left.abort()
    await held.text().catch(() => {})
    await vi.waitFor(async () => {
      client.platform.clock.advance(5_000)
      const state: unknown = await (await fetch(answer.status_url)).json()
      expect(state).toMatchObject({ status: 'terminated', termination_reason: 'swept' })
    }, 10_000)
  })
})

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { BACKEND, Client, startPlatform } from '../support/platform.ts'

/** Node does not know the names below localhost, which every browser does. */
async function ask(
  url: string,
  host = new URL(url).host,
): Promise<[status: number | undefined, body: string]> {
  const { port, pathname, search } = new URL(url)
  const request = get({ host: '127.0.0.1', port, path: pathname + search, headers: { host }, agent: false })
  const [answer]: IncomingMessage[] = await once(request, 'response')
  let body = ''
  for await (const chunk of answer ?? []) body += chunk
  return [answer?.statusCode, body]
}

describe('connection URLs with an origin for each backend', () => {
  const services = { editor: { command: BACKEND } }

  it('lead to their own backend, which sees its own paths', async () => {
    const client = new Client(await startPlatform({ urls: 'subdomain', services }))
    const [session, other] = await Promise.all([client.ready(), client.ready()])
    const { port } = new URL(client.platform.url)
    expect(session.url).toMatch(new RegExp(`^http://${session.name}\\.localhost:${port}/[\\w-]{43}/$`))
    const [status, body] = await ask(`${session.url}a/b?c`)
    expect([status, JSON.parse(body).url]).toEqual([200, '/a/b?c'])
    // The secret of one backend opens no other.
    expect((await ask(session.url, new URL(other.url).host))[0]).toBe(410)
    expect((await ask(session.url, `nobody.localhost:${port}`))[0]).toBe(410)
    expect((await ask(new URL('/', session.url).href))[0]).toBe(400)
  })

  it('show nothing of the API, nor of the dashboard, at a backend’s origin', async () => {
    const client = new Client(await startPlatform({ urls: 'subdomain', services }))
    const session = await client.ready()
    for (const path of ['/', '/auth', '/dashboard/state', `/backend/${session.name}/status`]) {
      expect((await ask(new URL(path, session.url).href))[0]).toBeOneOf([400, 410])
    }
    expect((await client.call('/auth')).status).toBe(200)
  })

  it('take WebSockets', async () => {
    const echo = `${import.meta.dirname}/../../../conformance/backend.mjs`
    const services = { editor: { command: [process.execPath, echo] as const } }
    const client = new Client(await startPlatform({ urls: 'subdomain', services }))
    const { url } = await client.ready()
    const { host, port, pathname } = new URL(url)
    const socket = new WebSocket(`ws://127.0.0.1:${port}${pathname}`, { headers: { host } })
    await once(socket, 'open')
    socket.send('hello')
    const [message] = await once(socket, 'message')
    expect(String(message)).toBe('hello')
    socket.close()
  })
})

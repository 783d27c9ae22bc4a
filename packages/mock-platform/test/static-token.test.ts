import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { MockPlatformOptions } from '../src/index.ts'
import { ClientV2 } from './http/v2/client.ts'
import { startPlatform } from './support/platform.ts'

/** Shows what a backend sees: it answers with the request, and at `/env` with its environment. */
const mirror = {
  serve: (
    server: import('node:http').Server,
    { env }: { env: Readonly<Record<string, string | undefined>> },
  ) => {
    server.on('request', ({ url, headers }, response) => response.end(JSON.stringify({ url, headers, env })))
    server.on('upgrade', ({ url }, socket) => socket.end(`HTTP/1.1 418 Seen\r\nx-url: ${url}\r\n\r\n`))
  },
}

async function start(options: MockPlatformOptions = {}): Promise<ClientV2> {
  const services = { editor: { ...mirror, staticToken: true }, other: mirror }
  return new ClientV2(await startPlatform({ services, ...options }))
}

/** What a backend saw of a request to a URL; Node doesn't find names below localhost. */
async function ask(url: string | URL) {
  const { host, port, pathname, search } = new URL(url)
  const path = pathname + search
  const request = get({ host: '127.0.0.1', port, path, headers: { host }, agent: false })
  const [answer]: IncomingMessage[] = await once(request, 'response')
  let body = ''
  for await (const chunk of answer ?? []) body += chunk
  const { url: seen, headers, env } = answer?.statusCode === 200 ? JSON.parse(body) : {}
  return { status: answer?.statusCode, url: seen, headers, env }
}

describe.each(['path', 'subdomain'] as const)('a static token in %s URLs', (urls) => {
  it('is the first part of the path of every request, as the backend was told before it started', async () => {
    const client = await start({ urls })
    const { url, name } = await client.ready()
    const seen = await ask(new URL('a/b?c', url))
    const token = seen.env.SESSION_BACKEND_STATIC_TOKEN
    expect(token).toMatch(new RegExp(`^s\\.${name}\\.[\\w-]{43}$`))
    expect(new URL(url).pathname).toBe(`/${token}/`)
    expect(seen.url).toBe(`/${token}/a/b?c`)
    expect(seen.headers['x-verified-path']).toBe(`/${token}/a/b`)
  })

  it('leads to its own backend only, and nowhere once that has ended', async () => {
    const client = await start({ urls })
    const session = await client.ready()
    expect((await ask(session.url.replace(/.\/$/, '/'))).status).toBe(410)
    expect((await ask(new URL('/s./', session.url))).status).toBe(410)
    await client.terminate(session)
    await client.until(session)
    expect((await ask(session.url)).status).toBe(410)
  })
})

describe('a static token', () => {
  it('stays in the path of a WebSocket', async () => {
    const client = await start()
    const { url } = await client.ready()
    const socket = new WebSocket(new URL('live?x', url.replace('http', 'ws')))
    const [request, answer] = await once(socket, 'unexpected-response')
    expect(answer.headers['x-url']).toBe(`${new URL(url).pathname}live?x`)
    request.destroy()
  })

  it("is the same for all users, so the platform doesn't tell the backend who they are", async () => {
    const client = await start()
    const ada = await client.connect({ key: 'doc', user: 'ada', auth: { role: 'writer' } }, 'editor')
    const ben = await client.connect({ key: 'doc', user: 'ben' }, 'editor')
    expect([ben.url, ben.token, ben.secret_token]).toEqual([ada.url, ada.token, null])
    const { headers } = await ask(ada.url)
    expect(Object.keys(headers).filter((name) => name.startsWith('x-verified-'))).toEqual(['x-verified-path'])
  })

  it('is what the spawn request says, also if the service says otherwise', async () => {
    const client = await start()
    const without = await client.ready({ use_static_token: false })
    const having = await client.ready({ use_static_token: true }, 'other')
    const v2 = await client.connect({ spawn: { use_static_token: true } }, 'other')
    expect((await ask(without.url)).env.SESSION_BACKEND_STATIC_TOKEN).toBeUndefined()
    expect((await ask(having.url)).env.SESSION_BACKEND_STATIC_TOKEN).toBe(having.url.split('/')[3])
    expect((await ask(v2.url)).env.SESSION_BACKEND_STATIC_TOKEN).toBe(v2.token)
  })

  it('reaches a process by its environment, and the ready page leads to its URL', async () => {
    const print = `require('node:http').createServer((_, response) =>
      response.end(process.env.SESSION_BACKEND_STATIC_TOKEN)).listen(process.env.PORT)`
    const command = [process.execPath, '-e', print] as const
    const client = await start({ services: { editor: { command, staticToken: true } } })
    const { url, readyUrl } = await client.ready()
    expect(`/${await (await fetch(url)).text()}/`).toBe(new URL(url).pathname)
    expect(await (await fetch(readyUrl)).text()).toContain(`data-url="${url}"`)
  })
})

describe('x-verified-path', () => {
  it.each(['path', 'subdomain'] as const)('is the path of the whole request, with %s URLs', async (urls) => {
    const client = await start({ urls })
    const { url } = await client.ready({}, 'other')
    const seen = await ask(new URL('a/b?c', url))
    expect(seen.url).toBe('/a/b?c')
    expect(seen.headers['x-verified-path']).toBe(`${new URL(url).pathname}a/b`)
  })
})

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket, type SessionBackends } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, launchBrowser } from './browser.ts'

// PROTOCOL.md: "Other origins".
describeInBrowser('a page of another origin', () => {
  const servers: Server[] = []
  let browser: Browser
  let platform: MockPlatform
  let sessionBackends: SessionBackends
  let trusted: string
  let stranger: string
  let api: string

  async function serve(host: string, listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    const address = server.address()
    return `http://${host}:${typeof address === 'object' && address ? address.port : ''}`
  }

  beforeAll(async () => {
    browser = await launchBrowser()
    platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
    const page: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>page</title>')
    trusted = await serve('127.0.0.1', page)
    stranger = await serve('127.0.0.1', page)
    sessionBackends = createSessionBackends({
      platform: jamsocket({
        account: platform.account,
        token: platform.token,
        service: 'editor',
        apiUrl: platform.url,
      }),
      authorize: ({ request }) =>
        request.headers.get('authorization') === 'Bearer alice' ? { user: 'alice' } : 'unauthenticated',
      trustedOrigins: [trusted],
      terminate: true,
    })
    // Another site than the pages': a browser compares the names.
    api = `${await serve('localhost', nodeHandler(sessionBackends))}/api/sessions/doc`
  })

  afterAll(async () => {
    await browser?.close()
    await sessionBackends?.close()
    await platform?.close()
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  })

  /** What a page of that origin gets to see of each of its requests. */
  async function askFrom(origin: string) {
    const page = await browser.newPage()
    await page.goto(origin)
    const seen = await page.evaluate(async (url) => {
      const send = async (method: string, path = '', authorization = 'Bearer alice') => {
        const headers = { authorization, 'content-type': 'application/json', 'last-event-id': 'b:1' }
        const body = method === 'POST' ? '{}' : null
        try {
          const response = await fetch(url + path, { method, headers, body, credentials: 'include' })
          if (path === '') return { status: response.status, body: await response.json() }
          const { value } = (await response.body?.getReader().read()) ?? {}
          return { status: response.status, body: new TextDecoder().decode(value) }
        } catch (error) {
          return { refused: String(error) }
        }
      }
      return [
        await send('POST'),
        await send('GET'),
        await send('GET', '/status'),
        await send('POST', '', 'Bearer mallory'),
        await send('DELETE'),
      ]
    }, api)
    await page.close()
    return seen
  }

  it('opens, follows and terminates documents if the app trusts it, and can read the errors', async () => {
    expect(await askFrom(trusted)).toMatchObject([
      { status: 200, body: { spawned: true } },
      { status: 200, body: { spawned: false } },
      { status: 200, body: expect.stringContaining('event: timeline') },
      { status: 401, body: { error: { code: 'unauthenticated' } } },
      { status: 200, body: { status: 'ok' } },
    ])
  })

  it('can read and change nothing if the app does not trust it', async () => {
    for (const answer of await askFrom(stranger)) {
      expect(answer).toEqual({ refused: expect.stringContaining('Failed to fetch') })
    }
  })
})

import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { MockPlatform } from '../../src/index.ts'
import { chromiumPath, openPage, serve, spawn, startPlatform, useBrowser } from '../pages/browser.ts'

useBrowser()

/** What only the dashboard shows. */
const SECRET = 'lock-of-another-document'

/** A backend whose pages do what they like: their script is the test's. */
function hostileBackend(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.endsWith('/worker.js')) {
    const script = `addEventListener('fetch', (event) => event.respondWith(new Response('taken over')))`
    response.writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' }).end(script)
  } else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Backend</title>')
}

const services = {
  editor: { serve: (server: import('node:http').Server) => void server.on('request', hostileBackend) },
}

/** All addresses that a page might guess for the dashboard. */
function placesOf({ url, dashboardUrl }: MockPlatform): string[] {
  const names = ['127.0.0.1', 'localhost']
  const ports = [new URL(url).port, new URL(dashboardUrl).port]
  return [...ports.flatMap((port) => names.map((name) => `http://${name}:${port}`)), '']
}

/** Lets a page try everything against the dashboard, and resolves to everything that it could read. */
async function attack(page: Page, places: string[], name: string): Promise<string[]> {
  return page.evaluate(
    async ([places, name]) => {
      const read: string[] = []
      const note = (text: unknown) => void read.push(String(text))
      const soon = <T>(work: Promise<T>) =>
        Promise.race([work, new Promise<undefined>((done) => setTimeout(done, 2_000, undefined))])
      const changes: [path: string, body: object][] = [
        ['faults/add', { fault: { kind: 'hang', endpoint: 'auth' } }],
        ['services/editor/spawn', { env: { NODE_OPTIONS: '--version' } }],
        [`backends/${name}/crash`, {}],
      ]
      const tryPlace = async (place: string) => {
        const own = place || location.origin
        for (const init of [
          {},
          { credentials: 'include' },
          { mode: 'no-cors' },
          { headers: { 'x-page-origin': own } },
        ] satisfies RequestInit[]) {
          for (const path of ['state', `backends/${name}/log`]) {
            await fetch(`${place}/dashboard/${path}`, init).then(
              async (a) => a.ok && note(await a.text()),
              () => {},
            )
          }
          for (const [path, body] of changes) {
            const type = 'mode' in init ? 'text/plain' : 'application/json'
            const headers = { ...('headers' in init && init.headers), 'content-type': type }
            const post = { ...init, method: 'POST', headers, body: JSON.stringify(body) }
            await fetch(`${place}/dashboard/${path}`, post).then(
              async (a) => a.ok && note(await a.text()),
              () => {},
            )
          }
        }
        const frame = document.createElement('iframe')
        frame.src = `${place}/`
        document.body.append(frame)
        await soon(new Promise((done) => frame.addEventListener('load', done)))
        try {
          note(frame.contentDocument?.body.textContent)
        } catch {}
        const opened = window.open(`${place}/`)
        await new Promise((done) => setTimeout(done, 700))
        try {
          note(opened?.document.body.textContent)
        } catch {}
        opened?.close()
        const socket = new WebSocket(`${own.replace('http', 'ws')}/dashboard/state`)
        await soon(
          new Promise((done) => {
            socket.onerror = done
            socket.onopen = () => done(note(`a WebSocket to ${place}`))
          }),
        )
        const script = document.createElement('script')
        script.src = `${place}/dashboard/state`
        document.body.append(script)
        await soon(new Promise((done) => script.addEventListener('error', done)))
      }
      await Promise.all(places.map(tryPlace))
      // Every port of a host has its cookies.
      for (let i = 0; i < 40; i++) Object.assign(document, { cookie: `c${i}=${'x'.repeat(4_000)}; path=/` })
      await navigator.serviceWorker?.register('worker.js', { scope: '/' }).then(note, () => {})
      return read
    },
    [places, name] as const,
  )
}

describe.skipIf(chromiumPath === undefined).each(['path', 'subdomain'] as const)(
  'a page that a backend serves, with %s URLs',
  (urls) => {
    it('can neither read nor do anything at the dashboard', async () => {
      const platform = await startPlatform({ urls, services })
      await spawn(platform, 'editor', { lock: SECRET })
      const { url, name } = await spawn(platform, 'editor')
      const page = await openPage(url)
      expect((await attack(page, placesOf(platform), name)).join('\n')).not.toContain(SECRET)

      const dashboard = await page.context().newPage()
      await dashboard.goto(platform.dashboardUrl)
      await dashboard.getByText(SECRET).first().waitFor()
      await dashboard.getByText('2 live, 0 ended').waitFor()
      expect(platform.faults.active).toEqual([])
      // What the browser said about all of that.
      page.complaints.splice(0)
    }, 60_000)
  },
)

describe('a tunnel that rewrites Host', () => {
  /** Passes requests on as a tunnel does that shows a local server to other machines. */
  function tunnel(target: string): Promise<string> {
    const { port } = new URL(target)
    return serve((incoming, response) => {
      const headers = { ...incoming.headers, host: `localhost:${port}` }
      const { method, url } = incoming
      const outgoing = request({ port, method, path: url, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      incoming.pipe(outgoing)
    })
  }

  it.each(['url', 'dashboardUrl'] as const)('does not open the dashboard at %s', async (where) => {
    const platform = await startPlatform({ services })
    await spawn(platform, 'editor', { lock: SECRET })
    const url = await tunnel(platform[where])
    for (const headers of [{}, { 'x-page-origin': url }, { 'sec-fetch-site': 'same-origin' }]) {
      const answer = await fetch(`${url}/dashboard/state`, { headers })
      expect(answer.status).toBeOneOf([403, 404])
      expect(await answer.text()).not.toContain(SECRET)
    }
    if (chromiumPath === undefined) return
    const page = await openPage(url)
    await page.getByText(where === 'url' ? 'The dashboard is at' : 'Open the dashboard at').waitFor()
    expect(await page.content()).not.toContain(SECRET)
    page.complaints.splice(0)
  })

  it('opens nothing to somebody who forges the page’s header, once the tunnel says that it is one', async () => {
    const platform = await startPlatform({})
    const { host, origin } = new URL(platform.dashboardUrl)
    const headers = { 'x-page-origin': origin, host }
    expect((await fetch(`${origin}/dashboard/state`, { headers })).status).toBe(200)
    for (const name of ['forwarded', 'via', 'x-forwarded-for']) {
      const answer = await fetch(`${origin}/dashboard/state`, { headers: { ...headers, [name]: 'x' } })
      expect(answer.status).toBe(403)
    }
  })
})

describe.skipIf(chromiumPath === undefined)('the page at the root of the platform', () => {
  it('redirects a browser on this machine to the dashboard', async () => {
    const platform = await startPlatform({ services })
    const page = await openPage(platform.url)
    await page.waitForURL(platform.dashboardUrl)
    await page.getByText('No backend is running yet').waitFor()
  })
})

import { describe, expect, it } from 'vitest'
import { sendReadyPage } from '../../src/pages/ready-page.ts'
import {
  accessibilityProblems,
  chromiumPath,
  openPage,
  serve,
  spawn,
  startPlatform,
  useBrowser,
} from './browser.ts'

useBrowser()

describe('the answer with the ready page', () => {
  it('lets the page run its own script only, and tells nobody where it came from', async () => {
    const platform = await startPlatform({ services: { editor: { serve: () => {} } } })
    const { name, ready_url } = await spawn(platform, 'editor')
    for (const url of [
      ready_url,
      `${platform.url}/backend/${name}/ready`,
      `${platform.url}/v1/backend/${name}/ready`,
    ]) {
      const answer = await fetch(url)
      expect(answer.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'nonce-[\w+/=]+' 'strict-dynamic'; style-src 'nonce-[\w+/=]+'; connect-src 'self'/,
      )
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await answer.text()).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!127\.0\.0\.1)/)
    }
  })

  it('escapes everything', async () => {
    const evil = `"'><script>alert(1)</script>&`
    const origin = await serve((_request, response) => sendReadyPage(response, { name: evil, url: evil }))
    const html = await (await fetch(origin)).text()
    expect(html).not.toContain('<script>alert')
    expect(html).toContain('data-url="&#34;&#39;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;"')
  })
})

describe.skipIf(chromiumPath === undefined)('the ready page', () => {
  it('shows the phase while the backend starts, then leads to the backend', async () => {
    let listen = () => {}
    const platform = await startPlatform({
      services: {
        editor: {
          serve: (server) => {
            server.on('request', (_request, response) => response.end('The document'))
            return new Promise((resolve) => {
              listen = resolve
            })
          },
        },
      },
    })
    const { url, ready_url } = await spawn(platform, 'editor')
    const page = await openPage(ready_url)
    await page.locator('li[aria-current=step]', { hasText: 'Starting' }).waitFor()
    expect(await page.getByRole('status').textContent()).toMatch(/The backend is starting/)
    expect(await page.getByRole('progressbar').getAttribute('aria-valuetext')).toBe('Starting')
    listen()
    await page.waitForURL(url)
    expect(await page.textContent('body')).toBe('The document')
    expect(await page.evaluate(() => document.referrer)).toBe('')
  })

  it.each([
    ['Failed', 'The backend has crashed', 'failed'],
    ['Exited', 'This session has ended', 'ended'],
  ])('explains the end of a backend that %s before it was ready', async (state, title, kind) => {
    const code = state === 'Failed' ? 1 : 0
    const platform = await startPlatform({
      services: { editor: { serve: (_server, { exit }) => new Promise(() => setTimeout(exit, 50, code)) } },
    })
    const { ready_url } = await spawn(platform, 'editor')
    const page = await openPage(ready_url)
    await page.getByRole('heading', { name: title }).waitFor()
    expect(await page.title()).toBe(title)
    expect(await page.locator('main').getAttribute('class')).toBe(kind)
    expect(await page.getByText(/open the document again/).isVisible()).toBe(true)
    // A screen reader starts from the explanation.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    expect(await accessibilityProblems(page)).toEqual([])
    expect(page.url()).toBe(ready_url)
  })

  it('shows the end of the log of a backend that failed, on the machine of the platform, and a way back', async () => {
    const platform = await startPlatform({
      services: {
        editor: {
          serve: (_server, { exit, log }) =>
            new Promise(() => {
              for (let i = 1; i <= 30; i++) log(`line ${i} <b>`)
              setTimeout(exit, 50, 1)
            }),
        },
      },
    })
    const { ready_url } = await spawn(platform, 'editor')
    const page = await openPage('data:text/html,The app')
    await page.goto(ready_url)
    const log = page.getByRole('region', { name: 'The end of its log' })
    await log.waitFor()
    const lines = (await log.locator('pre').textContent())?.split('\n') ?? []
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, 'line 11 <b>', 'line 30 <b>'])
    expect(
      await log.locator('pre').evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight),
    ).toBeLessThan(2)
    expect(await accessibilityProblems(page)).toEqual([])
    const elsewhere = await fetch(`${ready_url}log`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
    expect(await elsewhere.json()).toEqual({ lines: [], retry: false })
    await page.getByRole('button', { name: 'Go back' }).click()
    await page.getByText('The app').waitFor()
  })

  it('starts a backend that failed again, as it was spawned, and leads to it', async () => {
    let starts = 0
    const platform = await startPlatform({
      services: {
        editor: {
          serve: (server, { env, exit }) => {
            server.on('request', (_request, response) => response.end(`The document in ${env.COLOR}`))
            if (++starts === 1) exit(1)
          },
        },
      },
    })
    const { ready_url } = await spawn(platform, 'editor', { lock: 'doc', env: { COLOR: 'green' } })
    // A new tab, where there is no page to go back to.
    const page = await openPage(ready_url)
    await page.getByRole('button', { name: 'Start it again' }).click()
    await page.getByText('The document in green').waitFor()
  })

  it('is not led elsewhere by what the stream says', async () => {
    const platform = await startPlatform({ services: { editor: { serve: () => new Promise(() => {}) } } })
    const { ready_url } = await spawn(platform, 'editor')
    const page = await openPage('about:blank')
    await page.route('**/status/stream', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: [
          'data: {"state":"https://evil.example/","url":"https://evil.example/"}',
          'data: {"state":"__proto__"}',
          'data: not json',
          'data: null',
          'data: {"state":"Starting","url":"https://evil.example/"}',
          '',
        ].join('\n\n'),
      }),
    )
    await page.goto(`${ready_url}?url=https://evil.example/#https://evil.example/`)
    await page.locator('li[aria-current=step]', { hasText: 'Starting' }).waitFor()
    expect(new URL(page.url()).origin).toBe(platform.url)
  })

  it('goes on by itself when the stream is cut or refused', async () => {
    const platform = await startPlatform({
      services: {
        editor: { serve: (server) => void server.on('request', (_req, res) => res.end('The document')) },
      },
    })
    platform.faults.add({ kind: 'status', endpoint: 'status/stream', status: 503 })
    const { url, ready_url } = await spawn(platform, 'editor')
    const page = await openPage(ready_url)
    await page.waitForURL(url)
    expect(page.complaints.splice(0)).toEqual([expect.stringContaining('503')])
  })

  it.each(['light', 'dark'] as const)('fits a small screen and is accessible in %s', async (colorScheme) => {
    const platform = await startPlatform({ services: { editor: { serve: () => new Promise(() => {}) } } })
    const { ready_url } = await spawn(platform, 'editor')
    const page = await openPage(ready_url, { colorScheme, viewport: { width: 320, height: 480 } })
    await page.locator('li[aria-current=step]', { hasText: 'Starting' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320)
    expect(await accessibilityProblems(page)).toEqual([])
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(dark).toBe(colorScheme === 'dark' ? 'rgb(16, 19, 24)' : 'rgb(246, 247, 249)')
  })
})

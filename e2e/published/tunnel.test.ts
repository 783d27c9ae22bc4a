import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Terminal } from '../../packages/mock-platform/test/support/terminal.ts'
import { findChromium } from '../../scripts/chromium.mjs'
import { describeInBrowser } from '../browser.ts'
import { drawWave, signIn } from './board-page.ts'
import { npm, packTemplates } from './created-app.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './packed.ts'
import { startTunnel, whyNoTunnel } from './tunnel.ts'

const README = join(import.meta.dirname, '../../packages/mock-platform/README.md')
/** The names of the README's tunnel. */
const [APP, PLATFORM] = ['app.example', 'platform.example']
/** What the README has for each template: the file that it shows, and the end of the command. */
const TEMPLATES = {
  vite: { config: 'vite.config.js', start: 'npx tsx server.ts' },
  next: { config: 'next.config.mjs', start: 'npx next dev' },
}
const missing = whyNoTunnel()

let folder: string
let create: (name: string, template: string) => Promise<string>

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ create } = await packTemplates(folder))
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

function throughTunnel(template: keyof typeof TEMPLATES): void {
  let browser: Browser
  let stopTunnel: () => Promise<void>
  let app: string
  let ports: Record<'tunnel' | 'app' | 'platform', number>
  let url: string
  const complaints: string[] = []
  const sockets: string[] = []

  beforeAll(async () => {
    app = await create(template, template)
    await npm(app, 'install')
    ports = { tunnel: await freePort(), app: await freePort(), platform: await freePort() }
    const routes = { [APP]: ports.app, [PLATFORM]: ports.platform }
    stopTunnel = await startTunnel(join(folder, `tunnel-${template}`), ports.tunnel, routes)
    url = `https://${APP}:${ports.tunnel}`
    browser = await chromium.launch({
      executablePath: findChromium() ?? '',
      args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=MAP *.example 127.0.0.1`],
    })
  }, 300_000)

  afterAll(async () => {
    await browser?.close()
    await stopTunnel?.()
  }, 60_000)

  /** Does what the README says: saves the file that it shows, and runs its command, on free ports. */
  async function followReadme(): Promise<Terminal> {
    const [, section = ''] = (await readFile(README, 'utf8')).split('\n## Other devices\n')
    const { config, start } = TEMPLATES[template]
    const file = section.split('```js\n').find((block) => block.startsWith(`// ${config}`)) ?? ''
    await writeFile(join(app, config), file.split('```', 1)[0] ?? '')
    const command = section
      .split('\n')
      .find((line) => line.includes(`--public-url https://${PLATFORM} -- ${start}`))
    const here = (command ?? '')
      .replace(`https://${PLATFORM}`, `https://${PLATFORM}:${ports.tunnel}`)
      .replace('mock-platform ', `mock-platform --port ${ports.platform} `)
    const terminal = new Terminal(`env PORT=${ports.app} ${here}`, app)
    await expect.poll(() => terminal.output, { timeout: 60_000 }).toContain(`localhost:${ports.app}`)
    return terminal
  }

  async function open(): Promise<Page> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 900, height: 660 },
    })
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('websocket', (socket) => sockets.push(socket.url().replace(/(\w)\/.*/, '$1')))
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
    })
    await page.goto(url)
    return page
  }

  it('people draw on one board, by https and wss only, and a change of a file reaches the page', async () => {
    const terminal = await followReadme()
    const [ada, ben] = [await open(), await open()]
    await signIn(ada, 'Ada')
    await signIn(ben, 'Ben')
    await drawWave(ada, 0.4)
    await ben.locator('.line').waitFor({ state: 'attached' })
    const style = join(app, 'style.css')
    await writeFile(style, `${await readFile(style, 'utf8')}\nh1 { letter-spacing: 3px }\n`)
    const spacing = () => ada.locator('h1').evaluate((title) => getComputedStyle(title).letterSpacing)
    await expect.poll(spacing, { timeout: 60_000 }).toBe('3px')
    const port = new URL(url).port
    expect(new Set(sockets)).toEqual(new Set([`wss://${APP}:${port}`, `wss://${PLATFORM}:${port}`]))
    expect(complaints).toEqual([])
    terminal.type('\x03')
    expect(await terminal.exited).toBe(130)
  })
}

if (missing !== undefined) it('an app behind a tunnel', ({ skip }) => skip(missing))
else
  for (const template of ['vite', 'next'] as const)
    describeInBrowser(
      `an app of the template ${template} behind a tunnel, started as the README of the mock platform says`,
      () => throughTunnel(template),
      240_000,
    )

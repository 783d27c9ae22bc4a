import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import type { Browser, Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { type HookApp, packageSources, startHookApp } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }

const HTML = `<!doctype html><title>Room</title><div id="root"></div>
<script>window.heard = []</script><script type="module" src="/main.tsx"></script>`

const MAIN = `
import { SessionBackendProvider } from '@session-backend/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Room } from './room.tsx'

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <SessionBackendProvider endpoint="/api/sessions">
      <Room />
    </SessionBackendProvider>
  </StrictMode>,
)
`

/** The file that is edited. */
function roomOf({ title = 'Draft', heard = 'one', connect = 'webSocket()', hook = '' } = {}): string {
  return `
import { useSessionBackend, webSocket } from '@session-backend/react'
import { useEffect, useState } from 'react'

const connect = ${connect}

export function Room() {
  const [count, setCount] = useState(0)
  ${hook}
  const session = useSessionBackend('doc', {
    connect,
    onMessage: (message) => window.heard.push('${heard}: ' + message),
  })
  const say = () => {
    if (session.phase === 'connected') session.connection.send('message ' + count)
    setCount(count + 1)
  }
  return <button data-phase={session.phase} onClick={say}>${title} {count}</button>
}
`
}

describeInBrowser("Vite's Fast Refresh", () => {
  let folder: string
  let app: HookApp
  let vite: ViteDevServer
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-backend-refresh-'))
    await symlink(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'index.html'), HTML)
    await writeFile(join(folder, 'main.tsx'), MAIN)
    await edit()
    app = await startHookApp('')
    vite = await createServer({
      root: folder,
      configFile: false,
      logLevel: 'error',
      cacheDir: join(folder, 'cache'),
      plugins: [react()],
      resolve: packageSources,
      server: { port: 0, host: 'localhost', proxy: { '/api': app.url }, fs: { strict: false } },
    })
    await vite.listen()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await vite?.close()
    await app?.close()
    await rm(folder, { recursive: true, force: true })
  })

  let page: Page
  /** What the session consisted of before the edit. */
  let before: unknown[]
  beforeEach(async () => {
    await edit()
    page = await browser.newPage()
    await page.goto(vite.resolvedUrls?.local[0] ?? '')
    await page.locator('[data-phase=connected]').waitFor()
    await shows('Draft 0')
    before = sessions()
    await say()
    await heard('one: message 0')
    await shows('Draft 1')
  })
  afterEach(() => page?.close())

  const edit = (what?: Parameters<typeof roomOf>[0]) => writeFile(join(folder, 'room.tsx'), roomOf(what))
  const shows = (text: string) => page.getByRole('button', { name: text, exact: true }).waitFor()
  const say = () => page.getByRole('button').click()
  const heard = (...messages: string[]) =>
    vi.waitFor(async () => expect(await page.evaluate('heard')).toEqual(messages), WAIT)
  const sessions = () => [app.posts(), ...app.sockets]

  it('keeps the connection and the state when the component is edited', async () => {
    await edit({ title: 'Final' })
    await shows('Final 1')
    await say()
    await heard('one: message 0', 'one: message 1')
    expect(sessions()).toEqual(before)
  })

  it('gives each message to the edited onMessage, once', async () => {
    await edit({ title: 'Final', heard: 'two' })
    await shows('Final 1')
    await say()
    await heard('one: message 0', 'two: message 1')
    expect(sessions()).toEqual(before)
  })

  it('keeps the connection when `connect` is edited, which is for the next one', async () => {
    await edit({ title: 'Final', connect: 'webSocket({ maxQueued: 10 })' })
    await shows('Final 1')
    await say()
    await heard('one: message 0', 'one: message 1')
    expect(sessions()).toEqual(before)
  })

  it('keeps the connection, although not the state, when a hook is added', async () => {
    await edit({ title: 'Final', hook: 'useEffect(() => {}, [])' })
    await shows('Final 0')
    await say()
    await heard('one: message 0', 'one: message 0')
    expect(sessions()).toEqual(before)
  })
})

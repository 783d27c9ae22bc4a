import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket, type SessionBackends } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }

describeInBrowser('messages that a page keeps on the disk', () => {
  let browser: Browser
  let folder: string
  let script: string
  let program: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-backend-kept-'))
    script = await buildPage(join(import.meta.dirname, 'kept-messages/page.tsx'))
    program = await bundle(join(import.meta.dirname, 'kept-messages/backend.ts'), folder)
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  let platform: MockPlatform
  let sessionBackends: SessionBackends
  let server: Server
  let url: string
  let context: BrowserContext
  let isDown: boolean
  beforeEach(async () => {
    isDown = false
    const FOLDER = await mkdtemp(join(folder, 'lists-'))
    platform = await createMockPlatform({
      services: { list: { command: [process.execPath, program], env: { FOLDER } } },
    })
    sessionBackends = createSessionBackends({
      platform: jamsocket.fromEnv(platform.env('list')),
      authorize: ({ request }) => {
        const [, user] = /user=(\w+)/.exec(request.headers.get('cookie') ?? '') ?? []
        return user === undefined ? 'unauthenticated' : { user }
      },
    })
    const handle = nodeHandler(sessionBackends)
    server = createServer((request, response) => {
      if (request.url?.startsWith('/api/'))
        return void (isDown ? request.destroy() : handle(request, response))
      const isScript = request.url === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
      response.end(
        isScript ? script : '<!doctype html><title>List</title><body><script src="/page.js"></script>',
      )
    }).listen(0, 'localhost')
    await once(server, 'listening')
    url = `http://localhost:${(server.address() as AddressInfo).port}`
    context = await browser.newContext()
    await signIn('ada')
  })
  afterEach(async () => {
    await context?.close()
    server?.closeAllConnections()
    server?.close()
    await sessionBackends?.close()
    await platform?.close()
  })

  const signIn = (user: string) => context.addCookies([{ name: 'user', value: user, url }])

  async function open(): Promise<Page> {
    const page = await context.newPage()
    await page.goto(url)
    await page.locator('[data-phase=connected]').waitFor(WAIT)
    return page
  }

  /** The app can't be reached, and the backend is gone: pages learn of it at once, other than of a network that is gone. */
  async function goDown(): Promise<void> {
    isDown = true
    await sessionBackends.restart('list')
  }

  async function typeOffline(page: Page, items: string[]): Promise<void> {
    await page.locator('[data-phase=reconnecting]').waitFor(WAIT)
    for (const item of items) {
      await page.locator('input').fill(item)
      await page.keyboard.press('Enter')
    }
    await page.getByText(`${items.length} changes kept in this tab`).waitFor(WAIT)
  }

  const itemsOf = (page: Page) => page.locator('li').allTextContents()
  const shows = (page: Page, items: string[]) =>
    vi.waitFor(async () => expect((await itemsOf(page)).toSorted()).toEqual(items), WAIT)

  it('sends what was typed offline, once and in order, after the tab was closed and opened again', async () => {
    const page = await open()
    await context.setOffline(true)
    await typeOffline(page, ['one', 'three', 'two'])
    await page.close()
    await context.setOffline(false)
    const next = await open()
    await vi.waitFor(async () => expect(await itemsOf(next)).toEqual(['one', 'three', 'two']), WAIT)
    await next.getByText('Saved').waitFor(WAIT)
    await next.close()
    expect(await itemsOf(await open())).toEqual(['one', 'three', 'two'])
  })

  it('does not mix what two tabs of one document left', async () => {
    const tabs = [await open(), await open()]
    await goDown()
    for (const [index, tab] of tabs.entries()) await typeOffline(tab, [`${index} a`, `${index} b`])
    for (const tab of tabs) await tab.close()
    isDown = false
    const [first, second] = [await open(), await open()]
    await shows(first, ['0 a', '0 b', '1 a', '1 b'])
    await shows(second, ['0 a', '0 b', '1 a', '1 b'])
  })

  it('does not send for another user of the same browser', async () => {
    const page = await open()
    await goDown()
    await typeOffline(page, ['of ada 1', 'of ada 2'])
    await page.close()
    isDown = false
    await signIn('ben')
    const bens = await open()
    await bens.locator('input').fill('of ben')
    await bens.keyboard.press('Enter')
    await bens.getByText('Saved').waitFor(WAIT)
    await shows(bens, ['of ben'])
    await signIn('ada')
    await open()
    await shows(bens, ['of ada 1', 'of ada 2', 'of ben'])
  })

  it('forgets them when the user signs out', async () => {
    const page = await open()
    await goDown()
    await typeOffline(page, ['one', 'two'])
    await page.evaluate(() => window.signOut())
    await page.close()
    isDown = false
    const next = await open()
    await next.locator('input').fill('three')
    await next.keyboard.press('Enter')
    await shows(next, ['three'])
  })

  it('asks before a tab with unsaved messages is closed, and reports when they are saved', async () => {
    const page = await open()
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      dialog.dismiss()
    })
    await page.evaluate(() => {
      const said: string[] = []
      Object.assign(window, { said })
      const note = () => said.push(document.querySelector('[role=status]')?.textContent ?? '')
      new MutationObserver(note).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    })
    await goDown()
    await typeOffline(page, ['one', 'two'])
    await page.close({ runBeforeUnload: true })
    await vi.waitFor(() => expect(asked).toEqual(['beforeunload']), WAIT)
    isDown = false
    await page.getByText('Saved').waitFor(WAIT)
    const said = await page.evaluate<string[]>('window.said')
    expect(said).toContain('Saving…')
    expect(said.at(-1)).toBe('Saved')
    const closed = page.waitForEvent('close')
    await page.close({ runBeforeUnload: true })
    await closed
    expect(asked).toEqual(['beforeunload'])
  })
})

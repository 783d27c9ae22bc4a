import { join } from 'node:path'
import babel from '@rolldown/plugin-babel'
import { reactCompilerPreset } from '@vitejs/plugin-react'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, type HookApp, startHookApp } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }
const PAGE = join(import.meta.dirname, 'compiled/page.tsx')
/** How many components the page has. */
const COMPONENTS = 5

describeInBrowser('a page that React Compiler has compiled', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  describe.each([
    ['alone', /hook\/compiled\//, COMPONENTS],
    ['together with the hooks themselves', /hook\/compiled\/|react\/src\/hooks\//, COMPONENTS + 4],
  ])('%s', (_, include, functions) => {
    let script: string
    let app: HookApp
    let page: Page
    /** How many functions the compiler has compiled. */
    let compiled = 0

    beforeAll(async () => {
      script = await buildPage(PAGE, [
        babel({ include, presets: [reactCompilerPreset()] }),
        {
          name: 'count',
          transform(code) {
            compiled += code.match(/ = _c\(\d+\)/g)?.length ?? 0
          },
        },
      ])
    })
    beforeEach(async () => {
      app = await startHookApp(script)
      page = await browser.newPage()
      await page.goto(app.url)
      await page.locator('#chat[data-phase=connected]').waitFor()
      await page.locator('#suspended[data-phase=connected]').waitFor()
    })
    afterEach(async () => {
      await page?.close()
      await app?.close()
    })

    const say = async (count: number) => {
      await page.getByRole('button', { name: 'Say' }).click()
      await page.locator(`#chat[data-count="${count}"]`).waitFor()
    }

    it('is compiled', () => expect(compiled).toBeGreaterThanOrEqual(functions))

    it('hears each message once, by the closure of the last render, also after a reconnect', async () => {
      for (const count of [1, 2, 3]) await say(count)
      await page.getByRole('button', { name: 'Reconnect' }).click()
      await vi.waitFor(() => expect(app.posts()).toBe(3), WAIT)
      await page.locator('#chat[data-phase=connected]').waitFor()
      await say(4)
      expect(await page.evaluate(() => window.compiled.heard)).toEqual([
        'one 0 after 0',
        'one 1 after 1',
        'one 2 after 2',
        'one 3 after 3',
      ])
    })

    it('renders once for each change, of the session or of a message', async () => {
      for (const count of [1, 2, 3]) await say(count)
      for (const socket of app.sockets) socket.terminate()
      await page.locator('#chat[data-phase=reconnecting]').waitFor()
      await page.locator('#chat[data-phase=connected]').waitFor()
      await say(4)
      const [commits, needless] = await page.evaluate(() => {
        const { commits } = window.compiled
        const same = commits.filter(([session, heard], index) => {
          const [before, heardBefore] = commits[index - 1] ?? []
          return session === before && heard === heardBefore
        })
        return [commits.length, same.length]
      })
      expect(needless).toBe(0)
      expect(commits).toBeGreaterThan(8)
    })

    it('continues to a document that was preloaded, and shows it in both components', async () => {
      await page.getByRole('button', { name: 'Open two' }).hover()
      await vi.waitFor(() => expect(app.posts()).toBe(3), WAIT)
      await page.getByRole('button', { name: 'Open two' }).click()
      await page.locator('#chat[data-phase=connected]').waitFor()
      await page.locator('#light[data-phase=connected]').waitFor()
      await vi.waitFor(() => expect(app.sockets.size).toBe(2), WAIT)
      await say(1)
      expect(await page.evaluate(() => window.compiled.heard)).toEqual(['two 0 after 0'])
      expect(app.posts()).toBe(3)
    })
  })
})

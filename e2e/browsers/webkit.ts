import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '@session-backend/core/internal'
import type { BrowserEngine, Tab } from './tab.ts'
import { WebDriver } from './webdriver.ts'
import { startProcesses } from './webkit-processes.ts'

/** WebKitGTK's small browser by WebDriver. */
export const webkit: BrowserEngine = {
  name: 'WebKit',
  missing() {
    if (!existsSync('/usr/bin/WebKitWebDriver')) return 'webkit2gtk-driver is not installed'
    if (!existsSync('/usr/bin/Xvfb')) return 'xvfb is not installed'
    return findMiniBrowser() === undefined ? "webkit2gtk's MiniBrowser is not installed" : undefined
  },
  async launch() {
    const processes = await startProcesses()
    try {
      const driver = await WebDriver.start(processes.url, {
        'webkitgtk:browserOptions': { binary: findMiniBrowser(), args: ['--automation'] },
      })
      const inTurn = createQueue()
      return {
        openTab: (url) => openTab(driver, inTurn, url),
        async close() {
          await driver.delete('').catch(() => {})
          processes.kill()
        },
      }
    } catch (error) {
      processes.kill()
      throw error
    }
  },
}

/** The folder of MiniBrowser names the processor's architecture. */
function findMiniBrowser(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : []
  return folders
    .map((folder) => join('/usr/lib', folder, 'webkit2gtk-4.1/MiniBrowser'))
    .find((path) => existsSync(path))
}

/** A session has one current window, on which every call acts: one call at a time. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next
    return next
  }
}

async function openTab(driver: WebDriver, inTurn: ReturnType<typeof createQueue>, url: string): Promise<Tab> {
  const opened = await inTurn(() => driver.post('/window/new', { type: 'window' }))
  const handle = isRecord(opened) ? opened.handle : undefined
  const here = (path: string, body?: object) =>
    inTurn(async () => {
      await driver.post('/window', { handle })
      return driver.post(path, body)
    })
  await here('/url', { url })
  return {
    goto: async (next) => void (await here('/url', { url: next })),
    // The driver's own back and forward wait for a load that never comes from the back/forward cache.
    back: async () => void (await here('/execute/sync', { script: 'history.back()', args: [] })),
    forward: async () => void (await here('/execute/sync', { script: 'history.forward()', args: [] })),
    run: (body) => here('/execute/sync', { script: body, args: [] }),
    setOffline: undefined,
    screenshot: () =>
      inTurn(async () => {
        await driver.post('/window', { handle })
        return Buffer.from(String(await driver.get('/screenshot')), 'base64')
      }),
    // The session ends with its last window: the first one stays.
    close: () =>
      inTurn(async () => {
        await driver.post('/window', { handle })
        await driver.delete('/window')
        await driver.post('/window', { handle: driver.home })
      }),
  }
}

import { readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { createMockPlatform } from '@session-backend/mock-platform'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { processesWith } from '../../packages/mock-platform/test/support/processes.ts'
import { ready } from '../../packages/mock-platform/test/support/program.ts'
import { Terminal } from '../../packages/mock-platform/test/support/terminal.ts'
import { findAxeProblems } from '../axe.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { PICTURE } from '../picture.ts'
import { drawWave, pathOf, saved, signIn } from './board-page.ts'
import { npm, packTemplates, processorTime } from './created-app.ts'
import { followDockerfile } from './dockerfile.ts'
import { takeFirstMinute } from './first-minute.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './packed.ts'

/** How long a page or a program may take on a busy machine, in ms. */
const PATIENCE = 120_000

let folder: string
let bin: string
let create: (name: string, template: string) => Promise<string>

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ bin, create } = await packTemplates(folder))
}, 600_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['vite', 'next'])('the template %s', (template) => {
  describeInBrowser(
    'as it comes out of its package',
    () => {
      /** Marks the processes that `npm run dev` starts. */
      const mark = `MARK=${template}-${process.pid}`
      const times = { created: 0, installed: 0, started: 0, met: 0 }
      let app: string
      let installation: string
      let terminal: Terminal
      let url: string
      let browser: Browser
      let ada: Page
      let ben: Page

      beforeAll(async () => {
        browser = await launchBrowser()
        // Fills npm's cache.
        await npm(await create(`cached-${template}`, template), 'install')
      }, 600_000)

      afterAll(async () => {
        await browser?.close()
        if (terminal) await stop()
      }, 60_000)

      /** Ends what runs in the terminal, as people do, and waits until nothing of it is left. */
      async function stop() {
        terminal.type('\x03')
        await terminal.exited
        await vi.waitFor(() => expect(processesWith(mark).map(commandOf)).toEqual([]), 30_000)
      }

      async function open(options: BrowserContextOptions = {}) {
        const context = await browser.newContext({ viewport: { width: 900, height: 660 }, ...options })
        // The first page of a template has to be compiled.
        context.setDefaultTimeout(PATIENCE)
        const page = await context.newPage()
        await page.goto(url)
        return page
      }

      it('shows two people each other after less than 60 s of processor time since `npm create`', async () => {
        const usedBefore = await processorTime([])
        const startedAt = performance.now()
        const reach = (what: keyof typeof times) => {
          times[what] = Math.round((performance.now() - startedAt) / 100) / 10
        }
        app = await create(`my-${template}-board`, template)
        reach('created')
        installation = (await npm(app, 'install')).stdout.replace(/ in \d+m?s$/m, '').replaceAll('\n', '\r\n')
        reach('installed')
        const port = await freePort()
        url = `http://localhost:${port}`
        terminal = new Terminal(`env PORT=${port} ${mark} NEXT_TELEMETRY_DISABLED=1 npm run dev`, app)
        await expect.poll(() => terminal.output, { timeout: PATIENCE }).toContain(`localhost:${port}`)
        reach('started')
        ;[ada, ben] = await Promise.all([open(), open()])
        await Promise.all([signIn(ada, 'Ada'), signIn(ben, 'Ben')])
        await drawWave(ada, 0.35)
        await ben.locator('.line').waitFor({ state: 'attached' })
        await ben.getByRole('list', { name: 'People on this board' }).getByText('Ada').waitFor()
        reach('met')
        const used = (await processorTime(processesWith(mark))) - usedBefore
        console.log(`${template}, in s: ${JSON.stringify({ ...times, processorTime: used })}`)
        // The time on the clock depends on what else the machine does.
        expect(used).toBeLessThan(60)
        await drawWave(ben, 0.65)
        await ada.locator('.cursor').getByText('Ben').waitFor()
      })

      const picture = template === 'vite' ? PICTURE : undefined
      if (picture) {
        it('is in the picture of the first minute', () =>
          takeFirstMinute(picture, { browser, bin, folder, installation, terminal, url, ada, ben }))
      }

      it('shows the way from the click to the first message on the dashboard', async () => {
        const [, dashboard = ''] =
          /dashboard +(http:\S+)/.exec(stripVTControlCharacters(terminal.output)) ?? []
        const context = await browser.newContext()
        context.setDefaultTimeout(PATIENCE)
        const page = await context.newPage()
        await page.goto(dashboard)
        await page
          .getByRole('button', { name: /welcome/ })
          .first()
          .click()
        await page.getByText(/^The first message came .+ after the click\.$/).waitFor()
        await context.close()
      })

      it('keeps what was drawn when the page is reloaded', async () => {
        await saved(ada)
        await ada.reload()
        await ada.locator('.line').first().waitFor({ state: 'attached' })
      })

      it('shows what is drawn without a connection, says how much it is, and sends it later', async () => {
        await ada.route('**/api/sessions/**', (route) => route.abort())
        const started = processesWith(mark)
        const backends = processesWith('SESSION_BACKEND_KEY=board/welcome').filter((pid) =>
          started.includes(pid),
        )
        expect(backends).not.toEqual([])
        for (const pid of backends) process.kill(pid, 'SIGKILL')
        await ada.getByText('Reconnecting…').waitFor()
        const before = await pathOf(ada)
        await drawWave(ada, 0.9)
        await ada.getByText(/^Offline: \d+ changes kept in this tab$/).waitFor()
        const drawn = await pathOf(ada)
        expect(drawn.length).toBeGreaterThan(before.length)
        await ada.unroute('**/api/sessions/**')
        await saved(ada)
        expect(await pathOf(ada)).toBe(drawn)
        await expect.poll(() => pathOf(ben)).toBe(drawn)
      })

      it('opens the board of an invitation after the sign-in, and signs out', async () => {
        const page = await open()
        await page.goto(`${url}/?board=our-plan`)
        await signIn(page, 'Cleo')
        await page.getByRole('heading', { name: 'our-plan' }).waitFor()
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByLabel('Your name').waitFor()
        await page.context().close()
      })

      it('says that a board with a wrong name is not to be opened', async () => {
        const page = await open()
        await page.goto(`${url}/?board=No%20such%20board`)
        await page.getByLabel('Your name').fill('Cleo')
        await page.keyboard.press('Enter')
        await page.getByText("You don't have access to this document.").waitFor()
        expect(await findAxeProblems(page)).toEqual([])
        await page.context().close()
      })

      it('has pages without findings by axe that are not wider than the screen, light and dark', async () => {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const width of [1280, 390]) {
            const page = await open({ colorScheme, viewport: { width, height: 800 } })
            await page.getByLabel('Your name').waitFor()
            await check(page, width)
            await signIn(page, 'Dora')
            await check(page, width)
            await page.context().close()
          }
        }
      })

      async function check(page: Page, width: number) {
        expect(await findAxeProblems(page)).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      }

      it('ends by Ctrl-C, with everything that it started', async () => {
        expect(processesWith(mark)).not.toEqual([])
        await stop()
      })

      it('passes its own test, its types hold, and it builds', async () => {
        await npm(app, 'test')
        await npm(app, 'run', 'build')
      })

      it('runs its backend by its Dockerfile', async () => {
        const container = await followDockerfile(app, join(folder, `image-${template}`))
        const env = { ...container.env, BOARD_FOLDER: join(container.cwd, 'boards') }
        const platform = await createMockPlatform({
          ...{ account: 'acme', token: 'sekret', services: { board: { ...container, env } } },
        })
        onTestFinished(() => platform.close())
        const { name } = await ready(platform.url, { lock: 'welcome' }, 'board')
        expect(processesWith(`SESSION_BACKEND_ID=${name}`)).toHaveLength(1)
      })

      it('has a README of one screen that names each of its files', async () => {
        const readme = await readFile(join(app, 'README.md'), 'utf8')
        expect(readme).toContain(`# my-${template}-board`)
        expect(readme.split('\n').length).toBeLessThan(45)
        const files = ['protocol.ts', 'backend.ts', 'sessions.ts', 'board.tsx', 'Dockerfile']
        for (const file of [...files, 'mock-platform.config.mjs']) expect(readme).toContain(file)
      })
    },
    600_000,
  )
})

/** The command of a process, for a message. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

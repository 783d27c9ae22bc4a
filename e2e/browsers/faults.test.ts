import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { dashboardOf } from '../dashboard.ts'
import { backendsOf, type ExampleProcess, startEditor, startWhiteboard } from '../example.ts'

const WAIT = { timeout: 40_000, interval: 50 }

/** One of the examples, and how a user gets to a document in it. */
interface Subject {
  name: string
  start(): Promise<ExampleProcess>
  /** A document's id. */
  document: string
  /** Whether its page follows the status by the app's own route, where no page's clock has a say. */
  relays: boolean
  /** Goes to the document, from a page that is new. */
  open(page: Page, url: string): Promise<void>
}

const subjects: Subject[] = [
  {
    name: 'the editor',
    start: () => startEditor({ 'plan.md': '# Plan\n' }),
    document: 'plan.md',
    relays: true,
    async open(page, url) {
      await page.goto(url)
      await page.getByRole('link', { name: /plan\.md/ }).click()
    },
  },
  {
    name: 'the whiteboard',
    start: startWhiteboard,
    document: 'doodles',
    relays: false,
    async open(page, url) {
      await page.goto(url)
      await page.getByLabel('Your name').fill('Ada')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('link', { name: /Doodles/ }).click()
    },
  },
]

const phaseOf = (page: Page) => page.locator('[data-phase]').first().getAttribute('data-phase')
const isConnected = (page: Page) => page.locator('[data-phase=connected]').waitFor({ timeout: WAIT.timeout })
const backendName = (page: Page) => page.locator('[data-backend]').getAttribute('data-backend')

describeInBrowser('when things go wrong', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  afterAll(() => browser?.close())

  describe.each(subjects)('$name', ({ start, document, relays, open }) => {
    let example: ExampleProcess
    let context: BrowserContext
    let page: Page
    let platformUrl: string

    beforeAll(async () => {
      example = await start()
      context = await browser.newContext()
      page = await context.newPage()
      await open(page, example.url)
      await isConnected(page)
      platformUrl = await page.evaluate(async (id) => {
        const response = await fetch(`/api/sessions/${id}`)
        return new URL((await response.json()).statusUrl).origin
      }, document)
    })

    afterAll(async () => {
      await context?.close()
      await example?.dispose()
    })

    /** Asks the platform for faults, as its dashboard does. */
    async function addFaults(...faults: object[]): Promise<void> {
      const dashboard = await dashboardOf(platformUrl)
      for (const fault of faults) {
        const response = await fetch(`${dashboard}/dashboard/faults/add`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-page-origin': dashboard },
          body: JSON.stringify({ fault }),
        })
        expect(await response.json()).toEqual({ status: 'ok' })
      }
    }

    /** The faults that have not struck yet. */
    async function faultsLeft(): Promise<unknown> {
      const dashboard = await dashboardOf(platformUrl)
      const headers = { 'x-page-origin': dashboard }
      return (await (await fetch(`${dashboard}/dashboard/state`, { headers })).json()).faults
    }

    /** Ends the backend, so that the next one starts from cold. */
    async function killBackends(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
      for (const pid of await backendsOf(example)) {
        try {
          process.kill(pid, signal)
        } catch {
          // It has ended by itself by now.
        }
      }
    }

    it('connects when the status stream comes byte by byte', async () => {
      await addFaults({ kind: 'split', endpoint: 'status/stream' })
      const name = await backendName(page)
      await killBackends()
      await vi.waitFor(async () => expect(await backendName(page)).not.toBe(name), WAIT)
      await isConnected(page)
      expect(await faultsLeft()).toEqual([])
    })

    it(`connects when the status stream is cut within an event${relays ? '' : ', and when it is silent'}`, async () => {
      const address = page.url()
      await page.goto('about:blank')
      await vi.waitFor(async () => expect(await backendsOf(example)).toEqual([]), WAIT)
      await addFaults({ kind: 'slow-start', ms: 1000 }, { kind: 'cut', endpoint: 'status/stream', bytes: 30 })
      if (!relays) await addFaults({ kind: 'hang', endpoint: 'status/stream' })
      await page.clock.install()
      await page.goto(address)
      await vi.waitFor(async () => {
        // Time passes for the page alone: what is silent for a minute is silent for a moment.
        await page.clock.runFor(5_000)
        expect(await phaseOf(page)).toBe('connected')
      }, WAIT)
      expect(await faultsLeft()).toEqual([])
      await page.clock.resume()
    })

    it('comes back by itself from being offline', async () => {
      await context.setOffline(true)
      // A network that is gone closes no socket by itself: the platform loses this one.
      await killBackends()
      await vi.waitFor(async () => expect(await phaseOf(page)).toBe('reconnecting'), WAIT)
      await context.setOffline(false)
      await isConnected(page)
    })

    it('comes back by itself when the app and the platform are killed and started again', async () => {
      await example.crash()
      await vi.waitFor(async () => expect(await phaseOf(page)).toBe('reconnecting'), WAIT)
      await vi.waitFor(async () => expect(await backendsOf(example)).toEqual([]), WAIT)
      await example.restart()
      await isConnected(page)
      expect(await backendsOf(example)).toHaveLength(1)
    })

    it('says that a backend has exited by itself, and opens the document again when the user asks', async () => {
      await killBackends('SIGTERM')
      await page.getByText("This document's server has stopped.").waitFor()
      expect(await phaseOf(page)).toBe('ended')
      await page.getByRole('button', { name: 'Try again' }).click()
      await isConnected(page)
      expect(await page.getByText("This document's server has stopped.").count()).toBe(0)
    })

    it('stops respawning a backend that keeps crashing, says so, and tries again when the user asks', async () => {
      const notice = page.getByRole('alert').filter({ hasText: 'keeps crashing' })
      await vi.waitFor(async () => {
        await killBackends()
        expect(await notice.count()).toBe(1)
      }, WAIT)
      expect(await phaseOf(page)).toBe('failed')
      await notice.getByRole('button', { name: 'Try again' }).click()
      await isConnected(page)
      expect(await notice.count()).toBe(0)
    })
  })
})

import type { Page } from 'playwright-core'
import { describe, expect, it, vi } from 'vitest'
import {
  chromiumPath,
  openPage,
  type Serve,
  spawn,
  startPlatform,
  useBrowser,
  WAIT,
} from '../pages/browser.ts'

useBrowser()

const hold: { serve: Serve } = {
  serve: (server) => void server.on('request', (_request, response) => void response.write('held')),
}
const finish: { serve: Serve } = { serve: (_server, { exit }) => exit(0) }

/** Waits until the page has shown what the platform knows now. */
async function refreshed(page: Page): Promise<void> {
  for (let i = 0; i < 2; i++) await page.waitForResponse('**/dashboard/state')
  await page.evaluate(() => new Promise(requestAnimationFrame))
}

describe.skipIf(chromiumPath === undefined)('the lists of the dashboard', () => {
  it('move nothing under the pointer when backends crash and start', async () => {
    const platform = await startPlatform({ services: { editor: hold } })
    const sessions = [
      await spawn(platform, 'editor', { lock: 'a' }),
      await spawn(platform, 'editor', { lock: 'b' }),
      await spawn(platform, 'editor', { lock: 'c' }),
    ]
    const page = await openPage(platform.dashboardUrl)
    const rows = page.getByRole('article')
    await vi.waitFor(async () => expect(await rows.locator('.status.good').count()).toBe(3), WAIT)
    await rows.last().locator('.toggle').click()
    await page.getByRole('log').waitFor()
    const last = rows.filter({ has: page.getByText('c', { exact: true }) })
    const target = last.getByRole('button', { name: 'Terminate' })
    await target.hover()
    const before = await target.boundingBox()

    platform.faults.lose(sessions[0].name)
    await rows.first().locator('.status', { hasText: 'Lost' }).waitFor()
    await spawn(platform, 'editor', { lock: 'd' })
    await vi.waitFor(async () => expect(await rows.count()).toBe(4), WAIT)
    platform.faults.lose(sessions[2].name)
    await rows.nth(2).locator('.status', { hasText: 'Lost' }).waitFor()
    await refreshed(page)
    expect(await target.boundingBox()).toEqual(before)

    await page.getByRole('heading', { name: 'Mock platform' }).hover()
    await vi.waitFor(
      async () =>
        // The last one stays: its details are open.
        expect(await rows.locator('.document').allTextContents()).toEqual(['b', 'c', 'd']),
      WAIT,
    )
    await page.getByRole('table').getByText('Lost', { exact: true }).waitFor()
  })

  it('wait with new backends while the pointer is in the ended ones, and offer to show them', async () => {
    const platform = await startPlatform({ services: { editor: hold, job: finish } })
    await spawn(platform, 'job', { lock: 'done' })
    const page = await openPage(platform.dashboardUrl)
    const target = page.getByRole('table').getByRole('button', { name: /done/ })
    await target.hover()
    const before = await target.boundingBox()
    await spawn(platform, 'editor', { lock: 'a' })
    await spawn(platform, 'job', { lock: 'done too' })
    const settle = page.getByRole('button', { name: 'Show 1 new' })
    await settle.waitFor()
    await refreshed(page)
    expect(await target.boundingBox()).toEqual(before)
    expect(await page.getByRole('article').count()).toBe(0)
    await settle.click()
    await page.getByRole('article').waitFor()
    await page.getByRole('table').getByText('done too').waitFor()
  })

  it('keep an ended backend in its place after a tap, until the user moves it', async () => {
    const platform = await startPlatform({ services: { editor: hold } })
    const { name } = await spawn(platform, 'editor', { lock: 'a' })
    await spawn(platform, 'editor', { lock: 'b' })
    const page = await openPage(platform.dashboardUrl, {
      hasTouch: true,
      viewport: { width: 390, height: 844 },
    })
    const rows = page.getByRole('article')
    await vi.waitFor(async () => expect(await rows.locator('.status.good').count()).toBe(2), WAIT)
    await rows.last().locator('.connections').tap()
    platform.faults.lose(name)
    await page.getByRole('button', { name: 'Move 1 ended one below' }).waitFor()
    expect(await rows.count()).toBe(2)
    await page.getByRole('button', { name: 'Move 1 ended one below' }).tap()
    await vi.waitFor(async () => expect(await rows.count()).toBe(1), WAIT)
  })

  it('filter by document, service, tag, name, user and last status', async () => {
    const platform = await startPlatform({
      services: { editor: { ...hold, tags: { next: hold } }, job: finish },
    })
    await spawn(platform, 'editor', { lock: 'plans/roof.md' })
    await spawn(platform, 'editor', { lock: 'plans/cellar.md', tag: 'next' })
    await spawn(platform, 'job', { lock: 'plans/old.md' })
    const page = await openPage(platform.dashboardUrl)
    const documents = () => page.locator('.document').allTextContents()
    const filter = page.getByRole('searchbox', { name: 'Filter the backends' })
    for (const [query, found] of [
      ['PLANS', ['plans/roof.md', 'plans/cellar.md', 'plans/old.md']],
      ['next', ['plans/cellar.md']],
      ['job', ['plans/old.md']],
      ['', ['plans/roof.md', 'plans/cellar.md', 'plans/old.md']],
    ] as const) {
      await filter.fill(query)
      await vi.waitFor(async () => expect(await documents()).toEqual(found), WAIT)
    }
    await filter.fill('nothing like this')
    await page.getByText('No live backend matches the filter.').waitFor()
    await page.getByText('No ended backend matches the filter.').waitFor()
    await filter.fill('')
    platform.faults.lose((await spawn(platform, 'editor', { lock: 'lost.md' })).name)
    await page.getByRole('heading', { name: 'Mock platform' }).hover()
    await page.getByRole('table').getByText('lost.md').waitFor()
    await page.getByLabel('Last status').selectOption('Lost')
    await vi.waitFor(
      async () => expect(await page.locator('table .document').allTextContents()).toEqual(['lost.md']),
      WAIT,
    )
  })

  it('show 20 ended backends, and the last 200 on demand', async () => {
    const platform = await startPlatform({ services: { job: finish } })
    for (let i = 0; i < 210; i++) await spawn(platform, 'job', { lock: `job/${i}` })
    const page = await openPage(platform.dashboardUrl)
    await page.getByText('20 of the last 200 of 210').waitFor()
    expect(await page.locator('table .document').count()).toBe(20)
    await page.getByRole('button', { name: 'Show all 200' }).click()
    await vi.waitFor(async () => expect(await page.locator('table .document').count()).toBe(200), WAIT)
  }, 60_000)

  it('change nothing in the page, with 200 live backends, if nothing but the time has changed', async () => {
    const platform = await startPlatform({ services: { editor: hold } })
    for (let i = 0; i < 200; i++) await spawn(platform, 'editor', { lock: `doc/${i}` })
    const page = await openPage(platform.dashboardUrl)
    await vi.waitFor(async () => expect(await page.locator('.row .status.good').count()).toBe(200), WAIT)
    await refreshed(page)
    await page.evaluate(() => {
      const seen: string[] = []
      Object.assign(window, { seen })
      const observer = new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement
          if (!element?.closest('.age, time, .tags')) seen.push(element?.outerHTML.slice(0, 100) ?? '')
        }
      })
      observer.observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      })
    })
    await refreshed(page)
    const changes = await page.evaluate(() => Reflect.get(window, 'seen'))
    expect(changes).toEqual([])
  }, 60_000)
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { askedOnReload, describeInBrowser, launchBrowser } from '../browser.ts'
import { backendsOf, type EditorProcess, startEditor } from '../example.ts'

const WAIT = { timeout: 20_000, interval: 50 }

describeInBrowser('edits that could not be saved yet', () => {
  let example: EditorProcess
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    example = await startEditor({ 'plan.md': '# Plan\n', 'other.md': '# Other\n' })
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.goto(`${example.url}#/plan.md`)
    await page.getByText('Saved to disk').waitFor()
  })

  afterAll(async () => {
    await browser?.close()
    await example?.dispose()
  })

  /** Answers 503 where a backend would be spawned. */
  const refuseSpawns = () =>
    page.route('**/api/sessions/plan.md', (route) =>
      route.fulfill({
        status: 503,
        json: { error: { code: 'platform_busy', message: 'The platform is at its limit.' } },
      }),
    )
  const onDisk = () => readFile(join(example.folder, 'plan.md'), 'utf8')
  const open = (name: string) => page.getByRole('link', { name }).click()

  it('survive another file and back, when the backend has crashed and no new one can be spawned', async () => {
    await refuseSpawns()
    for (const pid of await backendsOf(example)) process.kill(pid, 'SIGKILL')
    await page.getByText('Reconnecting').waitFor()
    await page.locator('.cm-content').press('Control+End')
    await page.keyboard.type('typed without a backend')
    await page.getByText('Reconnecting. Your edits are kept in this window.').waitFor()

    await open('other.md')
    await page.getByText('Saved to disk').waitFor()
    await page.getByRole('link', { name: /plan\.md.*Not saved yet/ }).waitFor()
    await open('plan.md')
    await page.locator('.cm-content').getByText('typed without a backend').waitFor()
    await page.getByText('Your edits are kept in this window.').waitFor()
    expect(await onDisk()).toBe('# Plan\n')
  })

  it('make the browser ask before the user leaves the page', async () => {
    expect(await askedOnReload(page)).toBe('beforeunload')
  })

  it('are saved as soon as a backend can be spawned, also while another file is shown', async () => {
    await open('other.md')
    await page.getByText('Saved to disk').waitFor()
    await page.unroute('**/api/sessions/plan.md')
    await vi.waitFor(async () => expect(await onDisk()).toBe('# Plan\ntyped without a backend'), WAIT)
    await page.getByText('Not saved yet').waitFor({ state: 'detached' })
    await vi.waitFor(async () => expect(await backendsOf(example)).toHaveLength(1), WAIT)
  })

  it('no longer make the browser ask once they are saved', async () => {
    const dialogs: string[] = []
    page.on('dialog', (dialog) => dialogs.push(dialog.type()))
    await page.reload()
    await page.getByText('Saved to disk').waitFor()
    expect(dialogs).toEqual([])
  })
})

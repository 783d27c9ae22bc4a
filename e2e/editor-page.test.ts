import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, launchBrowser } from './browser.ts'
import { backendsOf, type EditorProcess, startEditor } from './example.ts'

describeInBrowser('a file of a long list', () => {
  let example: EditorProcess
  let browser: Browser

  beforeAll(async () => {
    const names = Array.from({ length: 60 }, (_, index) => `note-${index + 10}.md`)
    example = await startEditor(Object.fromEntries(names.map((name) => [name, ''])))
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await example?.dispose()
  })

  async function openLast() {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${example.url}#/note-69.md`)
    await page.getByText('Saved to disk').waitFor()
    return page
  }

  it('is seen in the list when it is opened by its address, and names the window', async () => {
    const page = await openLast()
    const isInView = await page.getByRole('link', { name: /note-69\.md/ }).evaluate((link) => {
      const { top, bottom } = link.getBoundingClientRect()
      return top >= 0 && bottom < innerHeight + 1
    })
    expect(isInView).toBe(true)
    expect(await page.title()).toBe('note-69.md – Markdown together')
    await page.context().close()
  })

  it('says that it is being connected again, and that edits are kept meanwhile', async () => {
    const page = await openLast()
    await page.context().setOffline(true)
    for (const pid of await backendsOf(example)) process.kill(pid, 'SIGKILL')
    await page.getByText(/^Connecting again$/).waitFor()
    await page.locator('.cm-content').pressSequentially('typed offline')
    await page.getByText('Connecting again. Your edits are kept in this window.').waitFor()
    await page.context().setOffline(false)
    await page.getByText('Saved to disk').waitFor()
    await page.context().close()
  })
})

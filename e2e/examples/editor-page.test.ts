import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { backendsOf, type EditorProcess, startEditor, startExample } from '../example.ts'

const WAIT = { timeout: 20_000, interval: 50 }

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

  it("is visible in the list when it is opened by its address, and its name is the window's title", async () => {
    const page = await openLast()
    const isInView = await page.getByRole('link', { name: /note-69\.md/ }).evaluate((link) => {
      const { top, bottom } = link.getBoundingClientRect()
      return top >= 0 && bottom < innerHeight + 1
    })
    expect(isInView).toBe(true)
    expect(await page.title()).toBe('note-69.md – Markdown together')
    await page.context().close()
  })

  it('says that it is being connected again, and that edits are kept until then', async () => {
    const page = await openLast()
    await page.context().setOffline(true)
    for (const pid of await backendsOf(example)) process.kill(pid, 'SIGKILL')
    await page.getByText(/^Reconnecting$/).waitFor()
    await page.locator('.cm-content').pressSequentially('typed offline')
    await page.getByText('Reconnecting. Your edits are kept in this window.').waitFor()
    await page.context().setOffline(false)
    await page.getByText('Saved to disk').waitFor()
    await page.context().close()
  })

  it('says that it is being opened until it is open, and not that it is disconnected', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.addInitScript(() => {
      const said: string[] = []
      Object.assign(window, { said })
      new MutationObserver(() => {
        said.push(document.querySelector('.document-bar .state')?.textContent ?? '')
      }).observe(document, { subtree: true, childList: true, characterData: true })
    })
    await page.goto(`${example.url}#/note-68.md`)
    await page.getByText('Saved to disk').waitFor()
    const said = new Set(await page.evaluate<string[]>('said'))
    expect([...said].filter(Boolean)).toEqual(['Opening…', 'Saved to disk'])
    await page.context().close()
  })

  it('shows two people who came with the same colour in two colours', async () => {
    const pages = await Promise.all(
      [0, 1].map(async () => {
        const page = await (await browser.newContext()).newPage()
        // Everybody draws the first name and the first colour.
        await page.addInitScript('Math.random = () => 0')
        await page.goto(`${example.url}#/note-67.md`)
        await page.getByText('Saved to disk').waitFor()
        return page
      }),
    )
    for (const page of pages) {
      const people = page.getByRole('list', { name: 'People in this document' }).getByRole('listitem')
      const colors = () => people.evaluateAll((items) => items.map((item) => item.style.background))
      await expect.poll(async () => new Set(await colors()).size, WAIT).toBe(2)
    }
    for (const page of pages) await page.context().close()
  })
})

describe('the editor without a folder', () => {
  it('edits a copy of its sample files, says where that is, and keeps what was edited', async () => {
    const state = await mkdtemp(join(tmpdir(), 'session-backend-e2e-state-'))
    onTestFinished(() => rm(state, { recursive: true }))
    const sample = join(import.meta.dirname, '../../examples/express-editor/sample')
    const start = () => startExample('express-editor', ['--state', state])
    const first = await start()
    const copy = join(state, 'sample')
    expect(first.output.join('\n')).toContain(copy)
    expect(await readdir(copy)).toEqual(await readdir(sample))
    await writeFile(join(copy, 'welcome.md'), 'edited')
    await first.stop()
    const second = await start()
    expect(await readFile(join(copy, 'welcome.md'), 'utf8')).toBe('edited')
    await second.stop()
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { openBackend } from '../recipes/recipe.ts'
import { installJupyterLab, jupyterLabScript, jupyterLabVariables } from './jupyter.ts'

const CELL = {
  cell_type: 'code',
  id: 'a',
  execution_count: null,
  metadata: {},
  outputs: [],
  source: 'print(6 * 7)',
}
const KERNEL = { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' }
/** It is not typed: a notebook that is still being loaded forgets what it was told. */
const NOTEBOOK = { cells: [CELL], metadata: { kernelspec: KERNEL }, nbformat: 4, nbformat_minor: 5 }

/** Runs the first cell of the notebook that is shown, and waits for its output. */
async function runCell(page: Page, output: string): Promise<void> {
  // A cell that is run before there is a kernel asks for one, and is not run.
  await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first().waitFor()
  await vi.waitFor(
    async () => {
      const dialog = page.locator('.jp-Dialog')
      if (await dialog.isVisible()) {
        console.log(`JupyterLab asks: ${await dialog.textContent()}`)
        await dialog.locator('.jp-mod-accept').click()
      }
      await page.locator('.jp-Notebook .jp-CodeCell').first().click({ timeout: 10_000 })
      await page.keyboard.press('Shift+Enter')
      await page.locator('.jp-OutputArea-output', { hasText: output }).waitFor({ timeout: 10_000 })
    },
    { timeout: 100_000, interval: 100 },
  )
}

describeInBrowser('JupyterLab as a backend', () => {
  let browser: Browser
  beforeAll(async () => {
    await installJupyterLab()
    browser = await launchBrowser()
  }, 300_000)
  afterAll(() => browser?.close())

  it.each(['path', 'subdomain'] as const)(
    'runs a notebook below its static token, with %s URLs',
    async (urls) => {
      const cwd = await mkdtemp(join(tmpdir(), 'jupyter-recipe-'))
      onTestFinished(() => rm(cwd, { recursive: true, force: true }))
      const env = jupyterLabVariables(cwd)
      const page = await (await browser.newContext()).newPage()
      onTestFinished(() => page.context().close())
      // A cold start of JupyterLab and its kernel takes most of a minute on a busy machine.
      page.setDefaultTimeout(100_000)
      const failed: string[] = []
      page.on('response', (answer) => {
        if (answer.status() >= 500 || answer.status() === 403) failed.push(answer.url())
      })
      await writeFile(join(cwd, 'answer.ipynb'), JSON.stringify(NOTEBOOK))
      const url = await openBackend(await jupyterLabScript(), { cwd, urls, env })
      await page.goto(new URL('lab/tree/answer.ipynb', url).href)
      await runCell(page, '42')
      expect(failed).toEqual([])
    },
    240_000,
  )
})

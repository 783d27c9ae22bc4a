import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { openBackend, recipe } from '../recipes/recipe.ts'

const run = promisify(execFile)

/** Kept between runs: it has 100 packages. */
const ENVIRONMENT = join(import.meta.dirname, '../../node_modules/.cache/jupyterlab')

async function installJupyterLab(): Promise<void> {
  if (existsSync(join(ENVIRONMENT, 'bin/jupyter-lab'))) return
  await run('python3', ['-m', 'venv', ENVIRONMENT])
  await run(join(ENVIRONMENT, 'bin/pip'), ['install', '--quiet', 'jupyterlab==4.*'])
}

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
      await page.locator('.jp-Notebook .jp-CodeCell').first().click()
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
      const [script = ''] = await recipe('JupyterLab')
      // Jupyter refuses to be root, which a test machine's user may be.
      const home = join(cwd, '.home')
      const env = {
        PATH: `${ENVIRONMENT}/bin:${process.env.PATH}`,
        ...{ HOME: home, JUPYTER_CONFIG_DIR: home, JUPYTER_DATA_DIR: home, JUPYTER_RUNTIME_DIR: home },
      }
      const asRoot = process.getuid?.() === 0 ? `${script.trimEnd()} --allow-root` : script
      const page = await (await browser.newContext()).newPage()
      onTestFinished(() => page.context().close())
      // A cold start of JupyterLab and its kernel takes most of a minute on a busy machine.
      page.setDefaultTimeout(100_000)
      const failed: string[] = []
      page.on('response', (answer) => {
        if (answer.status() >= 500 || answer.status() === 403) failed.push(answer.url())
      })
      await writeFile(join(cwd, 'answer.ipynb'), JSON.stringify(NOTEBOOK))
      await page.goto(new URL('lab/tree/answer.ipynb', await openBackend(asRoot, { cwd, urls, env })).href)
      await runCell(page, '42')
      expect(failed).toEqual([])
    },
    240_000,
  )
})

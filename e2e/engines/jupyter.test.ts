import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
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

/** Runs one cell of a new notebook, and waits for its output. */
async function runCell(page: Page, code: string, output: string): Promise<void> {
  try {
    await page.locator('.jp-LauncherCard[data-category="Notebook"]').first().click()
    // A cell that is run before there is a kernel asks for one, and is not run.
    await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first().waitFor()
    await page.locator('.jp-Notebook .jp-CodeCell .cm-content').first().click()
    await page.keyboard.type(code)
    await page.keyboard.press('Shift+Enter')
    await page.locator('.jp-OutputArea-output', { hasText: output }).waitFor()
  } catch (cause) {
    throw new Error(
      `A cell must print ${output}, the page shows:\n${await page.locator('body').ariaSnapshot()}`,
      {
        cause,
      },
    )
  }
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
      await page.goto(await openBackend(asRoot, { cwd, urls, env }))
      await runCell(page, 'print(6 * 7)', '42')
      expect(failed).toEqual([])
    },
    240_000,
  )
})

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { describeInBrowser, launchBrowser } from './browser.ts'
import { openBackend, recipe } from './recipes/recipe.ts'

const ROOT = join(import.meta.dirname, '..')

describeInBrowser("Vite's dev server as a backend", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  it.each(['path', 'subdomain'] as const)(
    'serves an app below its static token, and updates it while it is open, with %s URLs',
    async (urls) => {
      const cwd = await mkdtemp(join(tmpdir(), 'vite-recipe-'))
      onTestFinished(() => rm(cwd, { recursive: true }))
      await mkdir(join(cwd, 'node_modules/.bin'), { recursive: true })
      await symlink(join(ROOT, 'node_modules/vite'), join(cwd, 'node_modules/vite'))
      await symlink(join(ROOT, 'node_modules/vite/bin/vite.js'), join(cwd, 'node_modules/.bin/vite'))
      await writeFile(join(cwd, 'package.json'), '{"type":"module"}')
      await writeFile(join(cwd, 'index.html'), '<p></p><script type="module" src="/main.js"></script>')
      await writeFile(
        join(cwd, 'main.js'),
        `import { text } from './text.js'
        const show = (text) => { document.querySelector('p').textContent = text }
        show(text)
        import.meta.hot.accept('./text.js', (updated) => show(updated.text))`,
      )
      const write = (text: string) => writeFile(join(cwd, 'text.js'), `export const text = '${text}'`)
      await write('first')

      const [script = ''] = await recipe("Vite's dev server")
      const page = await (await browser.newContext()).newPage()
      onTestFinished(() => page.context().close())
      const failed: string[] = []
      page.on('response', (answer) => {
        if (answer.status() >= 400 && !answer.url().endsWith('/favicon.ico')) failed.push(answer.url())
      })
      const hot = page.waitForEvent('websocket')
      await page.goto(await openBackend(script, { cwd, urls }))
      await page.getByText('first').waitFor()
      expect((await hot).url()).toContain(new URL(page.url()).host)
      await page.evaluate(() => Object.assign(window, { stayed: true }))
      await write('second')
      await page.getByText('second').waitFor()
      expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
      expect(failed).toEqual([])
    },
    60_000,
  )
})

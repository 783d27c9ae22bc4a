import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findAxeProblems } from '../axe.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { type EditorProcess, type ExampleProcess, startEditor, startWhiteboard } from '../example.ts'

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
)

describeInBrowser(
  'every page of the examples, by axe, contrast included',
  () => {
    let editor: EditorProcess
    let whiteboard: ExampleProcess
    let browser: Browser

    beforeAll(async () => {
      ;[editor, whiteboard] = await Promise.all([
        startEditor({ 'plan.md': '# Plan\n\n- [ ] *One* `code` [link](https://example.com)\n> Quote\n' }),
        startWhiteboard(),
      ])
      browser = await launchBrowser()
    })

    afterAll(async () => {
      await browser?.close()
      await Promise.all([editor?.dispose(), whiteboard?.dispose()])
    })

    it.each(LOOKS)(
      'finds no problem, and nothing is wider than the screen: $colorScheme, $width px',
      async (look) => {
        const { colorScheme, width } = look
        const page = await (
          await browser.newContext({ colorScheme, viewport: { width, height: 844 } })
        ).newPage()
        const problems: Record<string, string[]> = {}
        const check = async (name: string, what: Page = page) => {
          const found = await findAxeProblems(what)
          const isWide = await what.evaluate(() => document.documentElement.scrollWidth > innerWidth)
          if (found.length > 0 || isWide) problems[name] = isWide ? [...found, 'It is too wide.'] : found
          const { SHOTS } = process.env
          if (SHOTS)
            await what.screenshot({
              path: join(SHOTS, `${name}-${width}-${colorScheme}.png`),
              fullPage: true,
            })
        }

        await page.goto(editor.url)
        await page.getByRole('link', { name: /plan\.md/ }).waitFor()
        await check('editor-list')
        await page.getByRole('link', { name: /plan\.md/ }).click()
        await page.getByText('Saved to disk').waitFor()
        await check('editor-document')
        await page.goto(editor.platformUrl)
        await page.getByText('Ready').first().waitFor()
        await check('dashboard')

        await page.goto(whiteboard.url)
        await page.getByLabel('Your name').waitFor()
        await check('sign-in')
        await signIn(page, 'Viewer')
        await check('boards')
        await page.getByRole('link', { name: /Floor plan/ }).click()
        await page.getByText('This board is for editors only.').waitFor()
        await check('forbidden')
        await page.goto(whiteboard.url)
        await page.getByRole('link', { name: /Doodles/ }).click()
        await page.getByText(/^Saved$/).waitFor()
        await check('viewer')
        await page.goto(whiteboard.url)
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByLabel('Your name').waitFor()
        await signIn(page, 'Editor')
        await page.getByRole('link', { name: /Doodles/ }).click()
        await page.getByText(/^Saved$/).waitFor()
        await check('board')
        expect(problems).toEqual({})
        await page.context().close()
      },
    )
  },
  120_000,
)

async function signIn(page: Page, role: string): Promise<void> {
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel(role).check()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: /Doodles/ }).waitFor()
}

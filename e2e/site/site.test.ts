import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CHAPTERS } from '../../site/pages.mjs'
import { findAxeProblems } from '../axe.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { serveSite } from './serve-site.ts'

const root = join(import.meta.dirname, '../..')
const paths = ['', 'api/', ...CHAPTERS.flatMap(({ pages }) => pages.map(({ path }) => path))]

describeInBrowser(
  'the site that `npm run docs` builds',
  () => {
    let server: Server
    let browser: Browser
    let page: Page
    let url: string
    const complaints: string[] = []

    beforeAll(async () => {
      await promisify(execFile)(process.execPath, [join(root, 'scripts/run.mjs'), 'docs', '--build-only'])
      server = createServer(serveSite(join(root, 'site/.vitepress/dist'))).listen(0, 'localhost')
      await new Promise((resolve) => server.once('listening', resolve))
      url = `http://localhost:${(server.address() as AddressInfo).port}`
      browser = await launchBrowser()
      page = await browser.newPage()
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
      })
    }, 600_000)

    afterAll(async () => {
      await browser?.close()
      server?.close()
    })

    it.each(['light', 'dark'] as const)(
      'has pages that fit a phone and a desk, in %s',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme })
        for (const path of paths) {
          await page.goto(`${url}/${path}`)
          for (const width of [390, 1280]) {
            await page.setViewportSize({ width, height: 860 })
            const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
            expect([path, width, isTooWide]).toEqual([path, width, false])
          }
        }
        expect(complaints).toEqual([])
      },
    )

    it.each(['light', 'dark'] as const)(
      'has pages that everybody can read, in %s',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width: 1280, height: 860 })
        for (const path of paths) {
          await page.goto(`${url}/${path}`)
          const problems = await findAxeProblems(page)
          // The theme's search button shows its shortcut, too.
          const ours = problems.filter((problem) => !problem.startsWith('label-content-name-mismatch'))
          expect([path, ...ours]).toEqual([path])
        }
      },
      600_000,
    )

    it.each([
      ['token expired', 'guides/users', 'guides/security'],
      ['yjs', 'guides/yjs', 'packages/backend'],
      ['lock', 'concepts', 'guides/migrating'],
      ['fencing token', 'guides/persistence', 'concepts'],
    ])('finds what a user searches for: %s', async (query, ...useful) => {
      await page.goto(url)
      await page.getByRole('button', { name: 'Search' }).first().click()
      await page.getByRole('searchbox').fill(query)
      const options = page.getByRole('option')
      await options.first().waitFor()
      const found = await options
        .locator('a')
        .evaluateAll((links) => links.map((link) => new URL((link as HTMLAnchorElement).href).pathname))
      expect(found.slice(0, 5).map((path) => path.slice(1))).toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(`^(${useful.join('|')})$`))]),
      )
    })
  },
  300_000,
)

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { MockPlatform, MockPlatformOptions } from '../../src/index.ts'
import {
  accessibilityProblems,
  chromiumPath,
  connect,
  openPage,
  type Serve,
  spawn,
  startPlatform,
  useBrowser,
} from '../pages/browser.ts'
import { LONG } from '../support/long.ts'

useBrowser()

const hold: Serve = (server, { log }) => {
  log('listens, and opens its document')
  const stats = { connections: 2, received: 318, sent: 636, saves: 41, failedSaves: 0 }
  server.on('request', ({ method }, response) => {
    if (method === 'POST') response.end(JSON.stringify(stats))
    else response.write('held')
  })
}
const fail: Serve = (_server, { log, exit }) => {
  log('Error: the setting COLOR is missing')
  exit(3)
}
const finish: Serve = (_server, { exit }) => exit(0)
const talk: Serve = (_server, { log }) => {
  for (let i = 1; i <= 5000; i++) log(`line ${i}: saved`)
}
const warm = [process.execPath, `${import.meta.dirname}/../fixtures/warm.mjs`] as const
const services: MockPlatformOptions['services'] = {
  editor: { serve: hold, tags: { next: { serve: hold } } },
  whiteboard: { serve: hold },
}

/** What the dashboard can look like. */
interface Look {
  name: string
  options?: MockPlatformOptions
  /** Brings the platform there. */
  prepare?(platform: MockPlatform): Promise<unknown>
  /** Waits until the page shows it. */
  shown(page: Page): Promise<unknown>
}

const spawnThree = async (platform: MockPlatform) => {
  await spawn(platform, 'editor', { lock: 'plans/roof.md' })
  await spawn(platform, 'editor', { lock: 'plans/cellar.md', tag: 'next' })
  await connect(platform, 'whiteboard', 'floor-plan', 'ada')
  await connect(platform, 'whiteboard', 'floor-plan', 'ben')
}

const ready = (page: Page, count: number) =>
  page.waitForFunction((n) => document.querySelectorAll('.row .status.good').length === n, count)

const LOOKS: Look[] = [
  {
    name: 'empty',
    options: { services },
    shown: (page) => page.getByText('No backend is running yet').waitFor(),
  },
  {
    name: 'three live',
    options: { services },
    prepare: spawnThree,
    async shown(page) {
      await ready(page, 3)
      await page.getByRole('button', { name: /floor-plan/ }).click()
      await page.getByText('ben').waitFor()
      await page.getByRole('button', { name: 'Terminate' }).first().click()
    },
  },
  {
    name: 'one failed',
    options: { services: { ...services, broken: { serve: fail } } },
    async prepare(platform) {
      await spawn(platform, 'broken', { lock: 'plans/roof.md' })
      await spawn(platform, 'editor', { lock: 'plans/cellar.md' })
    },
    async shown(page) {
      await ready(page, 1)
      await page.getByRole('table').getByRole('button', { name: /roof/ }).click()
      await page.getByText('The log has ended.').waitFor()
    },
  },
  {
    name: 'twenty ended',
    options: { services: { ...services, job: { serve: finish }, broken: { serve: fail } } },
    async prepare(platform) {
      for (let i = 0; i < 22; i++) await spawn(platform, i % 4 === 3 ? 'broken' : 'job', { lock: `job/${i}` })
    },
    shown: (page) => page.getByText('20 of 22').waitFor(),
  },
  {
    name: 'in use',
    options: { services: { ...services, import: { serve: finish } } },
    async prepare(platform) {
      const { name } = await spawn(platform, 'editor', { lock: 'plans/garden.md' })
      await spawn(platform, 'import', { lock: 'import/2026-11' })
      await spawnThree(platform)
      platform.faults.lose(name)
      platform.faults.add({ kind: 'delay', endpoint: 'spawn', ms: 2000, times: 3 })
    },
    async shown(page) {
      await ready(page, 3)
      await page.getByRole('table').getByText('garden').waitFor()
      await page.getByRole('button', { name: /floor-plan/ }).click()
      await page.getByText('ben').waitFor()
      await page.getByText('318 received').waitFor()
      await page.getByRole('log').evaluate((log) => log.style.setProperty('height', '5rem'))
    },
  },
  {
    name: 'faults on',
    options: { services },
    async prepare(platform) {
      await spawnThree(platform)
      platform.faults.add({ kind: 'delay', endpoint: 'spawn', ms: 2000, times: 3 })
      platform.faults.add({ kind: 'reset', endpoint: 'status/stream', times: Number.POSITIVE_INFINITY })
      platform.faults.add({ kind: 'slow-start', ms: 5000 })
    },
    async shown(page) {
      await page.getByRole('button', { name: '3 faults active' }).click()
      await page.getByText('Drop the connection', { exact: true }).first().waitFor()
    },
  },
  {
    name: 'warm pool',
    options: {
      services: {
        ...services,
        notebook: { command: warm, warm: 2 },
        sketch: { command: [process.execPath, '-e', 'process.exit(3)'], warm: 1 },
      },
    },
    prepare: spawnThree,
    async shown(page) {
      await openTool(page, 'Services')
      await page.getByText('2 of 2 waiting').waitFor()
      await page.getByText('The last one exited with code 3.').waitFor()
    },
  },
  {
    name: 'long names',
    options: {
      services: { [`e${'x'.repeat(40)}`]: { serve: hold, tags: { ['t'.repeat(60)]: { serve: hold } } } },
    },
    async prepare(platform) {
      const [service = ''] = [`e${'x'.repeat(40)}`]
      await spawn(platform, service, { lock: 'x'.repeat(128), tag: 't'.repeat(60) })
      await spawn(platform, service, { lock: 'a-long-name-of-a-document/'.repeat(4) })
      await connect(platform, service, 'y'.repeat(128), 'u'.repeat(300))
    },
    async shown(page) {
      await ready(page, 3)
      for (const toggle of await page.locator('.row .toggle').all()) await toggle.click()
    },
  },
  {
    name: 'long log',
    options: { services: { talker: { serve: talk } } },
    prepare: (platform) => spawn(platform, 'talker', { lock: 'a-long-log' }),
    async shown(page) {
      await page.getByRole('button', { name: /a-long-log/ }).click()
      await page.getByText('line 5000: saved').waitFor()
      await page.getByLabel('Search the log').fill('line 49')
      await page.getByText(/^100 of/).waitFor()
    },
  },
]

/** Where `npm run picture:dashboard` puts the picture of the README. */
const { PICTURE, SHOTS } = process.env

/** On a small screen, a tool is behind a button. */
async function openTool(page: Page, name: string): Promise<void> {
  const opener = page.getByRole('navigation', { name: 'Tools' }).getByRole('button', { name })
  if (await opener.isVisible()) await opener.click()
}

/** What can be tapped and is smaller than a thumb. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll('button, a, select, summary, label.inline, input:not([type=checkbox])'),
    ].flatMap((element) => {
      const { width, height } = element.getBoundingClientRect()
      const isSeen = width > 1 && element.checkVisibility({ visibilityProperty: true })
      return isSeen && !element.matches('.skip') && (height < 44 || width < 44)
        ? [`${element.outerHTML.slice(0, 80)}: ${width} x ${height}`]
        : []
    }),
  )
}

const SCREENS = (['light', 'dark'] as const)
  .flatMap((colorScheme) => [1280, 390].map((width) => ({ colorScheme, width })))
  // Each colour and each width once.
  .filter(({ colorScheme, width }) => LONG || (colorScheme === 'light') === (width === 1280))

describe.skipIf(chromiumPath === undefined).each(SCREENS)(
  'the dashboard, $colorScheme at $width pixels',
  ({ colorScheme, width }) => {
    it.each(LOOKS)('is accessible, fits its screen and can be tapped: $name', async (look) => {
      const platform = await startPlatform(look.options ?? {})
      await look.prepare?.(platform)
      const page = await openPage(platform.dashboardUrl, {
        colorScheme,
        viewport: { width, height: width === 390 ? 844 : 900 },
        hasTouch: width === 390,
      })
      await look.shown(page)
      if (PICTURE && look.name === 'in use' && width === 1280) await page.screenshot({ path: PICTURE })
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true })
        const file = `${look.name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`
        await page.screenshot({ path: join(SHOTS, file) })
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      if (width === 390) expect(await smallTargets(page)).toEqual([])
      expect(await accessibilityProblems(page)).toEqual([])
    })
  },
)

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findAxeProblems } from '../axe.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { freePort } from './free-port.ts'
import { dependenciesOf, installApp, PACKAGES, pack, temporaryFolder } from './packed.ts'

const run = promisify(execFile)

let folder: string
let tarballs: Map<string, string>
let bin: string

beforeAll(async () => {
  folder = await temporaryFolder()
  tarballs = await pack(folder, [...PACKAGES, 'create'])
  const tool = join(folder, 'tool')
  await mkdir(tool)
  const create = `file:${tarballs.get('create')}`
  await writeFile(
    join(tool, 'package.json'),
    JSON.stringify({ private: true, dependencies: { 'create-session-backend': create } }),
  )
  await installApp(tool)
  bin = createRequire(join(tool, 'package.json')).resolve('create-session-backend/dist/main.js')
  tarballs.delete('create')
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the program as `npm create session-backend` does. */
const create = (...args: string[]) => run(process.execPath, [bin, ...args], { cwd: folder })

describe('npm create session-backend', () => {
  it('reports a wrong template, name or folder, and creates nothing', async () => {
    await expect(create('app', '--template', 'vue')).rejects.toMatchObject({
      stderr: '`--template` must be vite or next, got vue.\n',
    })
    await expect(create('My App', '--template', 'vite')).rejects.toThrow(/got My App\./)
    await mkdir(join(folder, 'taken', 'something'), { recursive: true })
    await expect(create('taken', '--template', 'vite')).rejects.toThrow(/has something in it already/)
    await expect(create('app')).rejects.toThrow(/needs a template/)
  })
})

describe.each(['vite', 'next'])('the template %s', (template) => {
  describeInBrowser(
    'as it comes out of its package',
    () => {
      const name = `my-${template}-board`
      const app = () => join(folder, name)
      let browser: Browser
      let stop = async () => {}
      let startedAt = 0
      let ada: Page
      let ben: Page
      let url = ''

      beforeAll(async () => {
        browser = await launchBrowser()
      })

      afterAll(async () => {
        await browser?.close()
        await stop()
      })

      async function signIn(name: string) {
        const page = await (await browser.newContext({ viewport: { width: 900, height: 700 } })).newPage()
        await page.goto(url)
        await page.getByLabel('Your name').fill(name)
        await page.getByRole('button', { name: 'Open the board' }).click()
        await page.getByText('Saved').waitFor({ timeout: 60_000 })
        return page
      }

      it('shows two people each other within 60 s of `npm create`, packages cached', async () => {
        startedAt = performance.now()
        await create(name, '--template', template)
        await useTarballs(app())
        await installApp(app())
        const installed = performance.now() - startedAt
        const port = await freePort()
        url = `http://localhost:${port}`
        stop = await startDev(app(), port)
        ;[ada, ben] = [await signIn('Ada'), await signIn('Ben')]
        await draw(ada, 0.3)
        await ben.locator('.line').waitFor({ state: 'attached' })
        await ben.getByRole('list', { name: 'People on this board' }).getByText('Ada').waitFor()
        const seconds = (ms: number) => (ms / 1000).toFixed(1)
        console.log(
          `${template}: two windows see each other after ${seconds(performance.now() - startedAt)} s, ${seconds(installed)} s of it the installation`,
        )
        await ben.mouse.move(300, 300)
        await ada.locator('.pointer').getByText('Ben').waitFor()
      })

      it('keeps what was drawn when the page is reloaded', async () => {
        await ada.getByText('Saved').waitFor()
        await ada.reload()
        await ada.locator('.line').waitFor({ state: 'attached' })
      })

      it('is readable at both widths, light and dark, and axe finds nothing', async () => {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const width of [1280, 390]) {
            const page = await (
              await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
            ).newPage()
            await page.goto(url)
            await page.getByLabel('Your name').waitFor()
            expect(await findAxeProblems(page)).toEqual([])
            await page.getByLabel('Your name').fill('Cleo')
            await page.keyboard.press('Enter')
            await page.getByText('Saved').waitFor()
            expect(await findAxeProblems(page)).toEqual([])
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
            const { SHOTS } = process.env
            if (SHOTS) await page.screenshot({ path: join(SHOTS, `${template}-${width}-${colorScheme}.png`) })
            await page.context().close()
          }
        }
      })

      it('passes its own test, its types hold, and it builds', async () => {
        await run('npm', ['test'], { cwd: app() })
        await run('npm', ['run', 'build'], {
          cwd: app(),
          env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
        })
      })

      it('has a README of one screen that names each of its files', async () => {
        const readme = await readFile(join(app(), 'README.md'), 'utf8')
        expect(readme).toContain(`# ${name}`)
        expect(readme.split('\n').length).toBeLessThan(45)
        for (const file of ['protocol.ts', 'backend.ts', 'sessions.ts', 'board.tsx', 'Dockerfile']) {
          expect(readme).toContain(file)
        }
      })
    },
    300_000,
  )
})

/** Has an app take our packages from their tarballs: they are not published yet. */
async function useTarballs(app: string): Promise<void> {
  const path = join(app, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  const pnpm = { overrides: dependenciesOf(tarballs), onlyBuiltDependencies: ['esbuild', 'sharp'] }
  await writeFile(path, JSON.stringify({ ...manifest, pnpm }))
}

/** Starts `npm run dev`, and resolves when the app says where it is. The returned function ends it as Ctrl-C does. */
async function startDev(cwd: string, port: number): Promise<() => Promise<void>> {
  const child = spawn('npm', ['run', 'dev'], {
    cwd,
    detached: true,
    env: { ...process.env, PORT: String(port), NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface(child.stdout)
  await new Promise<void>((resolve, reject) => {
    void exited.then(([code]) => reject(new Error(`npm run dev exited with ${code}.`)))
    lines.on('line', (line) => {
      if (line.includes(`:${port}`)) resolve()
    })
  })
  return async () => {
    // A terminal sends SIGINT to all of them.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
    await exited
  }
}

async function draw(page: Page, at: number): Promise<void> {
  const box =
    (await page.getByRole('img', { name: /^The board/ }).boundingBox()) ?? expect.fail('There is no board.')
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * at)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * at, { steps: 20 })
  await page.mouse.up()
}

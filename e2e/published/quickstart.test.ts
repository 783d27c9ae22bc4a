import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { freePort } from './free-port.ts'
import { dependenciesOf, installApp, pack, temporaryFolder } from './packed.ts'

const root = join(import.meta.dirname, '../..')

/** The files of "Your first app", by their names, and the packages that it installs. */
async function readQuickstart() {
  const page = await readFile(join(root, 'docs/start.md'), 'utf8')
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  const files = new Map<string, string>()
  for (const [, , code = ''] of blocks) {
    const [, name] = /^(?:\/\/|<!--) ([\w-]+\.\w+)/.exec(code) ?? []
    if (name !== undefined) files.set(name, code)
  }
  const installed = [...page.matchAll(/^npm install (?:--save-dev )?(.+)$/gm)]
  return { files, packages: installed.flatMap(([, names = '']) => names.split(' ')) }
}

/** Lines of code: neither empty, nor a comment, nor an import. */
const countLines = (code: string) =>
  code.split('\n').filter((line) => line.trim() !== '' && !/^\s*\/\/|^import /.test(line)).length

describeInBrowser(
  '"Your first app", in an empty folder',
  () => {
    let app: string
    let program: ChildProcess
    let browser: Browser
    let url: string
    let ada: Page
    let ben: Page
    const complaints: string[] = []

    beforeAll(async () => {
      const { files, packages } = await readQuickstart()
      app = await temporaryFolder()
      const ours = dependenciesOf(await pack(app))
      await writeFile(join(app, 'package.json'), JSON.stringify(await manifest(packages, ours)))
      for (const [name, code] of files) await writeFile(join(app, name), code)
      await installApp(app)
      const port = await freePort()
      url = `http://localhost:${port}`
      program = await start(port)
      browser = await launchBrowser()
    }, 300_000)

    afterAll(async () => {
      await browser?.close()
      await stop()
      await rm(app, { recursive: true, force: true })
    })

    /** Resolves when it says that it serves the page. */
    async function start(port: number) {
      const child = spawn(process.execPath, ['--import', 'tsx', 'dev.ts'], {
        cwd: app,
        env: { ...process.env, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      return child
    }

    async function stop() {
      if (!program || program.exitCode !== null) return program?.exitCode
      program.kill('SIGINT')
      const [code] = await once(program, 'exit')
      return code
    }

    async function open() {
      const page = await (await browser.newContext({ viewport: { width: 600, height: 400 } })).newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(url)
      await page.getByText('connected').waitFor()
      return page
    }
    const dots = (page: Page, count: number) => page.getByText(`connected: ${count} dots`).waitFor()

    it('is at most 40 lines of code for the protocol, the backend, the route and the page', async () => {
      const { files } = await readQuickstart()
      const programs = ['protocol.ts', 'backend.ts', 'server.ts', 'page.tsx']
      const counts = programs.map((name) =>
        countLines(files.get(name) ?? expect.fail(`There is no ${name}.`)),
      )
      expect(counts.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(40)
    })

    it('compiles', async () => {
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const flags = [
        '--noEmit',
        '--strict',
        '--allowImportingTsExtensions',
        '--jsx',
        'react-jsx',
        '--skipLibCheck',
      ]
      const target = ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022']
      const { files } = await readQuickstart()
      const sources = [...files.keys()].filter((name) => /\.tsx?$/.test(name))
      const compiler = spawn(process.execPath, [tsc, ...flags, ...target, ...sources], { cwd: app })
      let said = ''
      compiler.stdout.on('data', (text) => {
        said += text
      })
      await once(compiler, 'close')
      expect(said).toBe('')
    })

    it('shows in one window what is clicked in the other', async () => {
      ada = await open()
      ben = await open()
      await ada.mouse.click(100, 200)
      await dots(ben, 1)
      await ben.mouse.click(300, 100)
      await dots(ada, 2)
      expect(await ada.locator('circle').last().getAttribute('cx')).toBe('300')
    })

    it('keeps it when the page is reloaded and the app is started again', async () => {
      await ada.reload()
      await dots(ada, 2)
      await ada.mouse.click(200, 200)
      await dots(ben, 3)
      expect(await stop()).toBe(0)
      program = await start(Number(new URL(url).port))
      await dots(ada, 3)
      await ben.mouse.click(50, 50)
      await dots(ada, 4)
    })

    it('met no error on the way', async () => {
      expect(complaints).toEqual([])
      expect(await readdir(app)).toContain('data')
    })
  },
  120_000,
)

/** What the folder's package.json is after `npm install`: our packages from their tarballs, others as the workspace has them. */
async function manifest(packages: readonly string[], ours: Record<string, string>) {
  const versions = packages.map(async (name) => [name, ours[name] ?? (await versionHere(name))])
  return {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(await Promise.all(versions)),
    pnpm: { overrides: ours, onlyBuiltDependencies: ['esbuild'] },
  }
}

async function versionHere(name: string): Promise<string> {
  for (const folder of ['e2e', '.', 'packages/react', 'packages/server', 'packages/backend']) {
    const path = join(root, folder, 'node_modules', name, 'package.json')
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return JSON.parse(text).version
  }
  throw new Error(`${name} is not installed in this repository.`)
}

import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dependenciesOf, installApp, PACKAGES, pack, temporaryFolder } from './packed.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

/** Installs the tarballs next to what the app itself depends on, in the versions that the workspace has. */
async function install(app: string, tarballs: Map<string, string>): Promise<void> {
  const ours = dependenciesOf(tarballs)
  const versionOf = async (path: string) =>
    (await readJson(join(root, 'packages', path, 'package.json'))).version
  const others = {
    express: await versionOf('server/node_modules/express'),
    react: await versionOf('react/node_modules/react'),
    valibot: await versionOf('backend/node_modules/valibot'),
    yjs: await versionOf('backend/node_modules/yjs'),
    'y-protocols': await versionOf('backend/node_modules/y-protocols'),
    lib0: await versionOf('backend/node_modules/lib0'),
    '@types/react': await versionOf('react/node_modules/@types/react'),
    '@types/express': await versionOf('server/node_modules/@types/express'),
    '@types/node': (await readJson(join(root, 'node_modules/@types/node/package.json'))).version,
  }
  await writeFile(
    join(app, 'package.json'),
    JSON.stringify({ private: true, dependencies: { ...ours, ...others }, pnpm: { overrides: ours } }),
  )
  await installApp(app)
  for (const file of await readdir(join(import.meta.dirname, 'consumers'))) {
    await copyFile(join(import.meta.dirname, 'consumers', file), join(app, file))
  }
}

describe('the packages as they are published', () => {
  let folder: string
  let app: string
  let tarballs: Map<string, string>
  const tarballOf = (name: string) => tarballs.get(name) ?? expect.fail(`${name} was not packed.`)

  beforeAll(async () => {
    folder = await temporaryFolder()
    tarballs = await pack(folder)
    app = await mkdtemp(join(folder, 'app-'))
    await install(app, tarballs)
  }, 120_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(PACKAGES)('%s: publint has nothing to say', async (name) => {
    const tarball = await readFile(tarballOf(name))
    const { messages, pkg = {} } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it.each(PACKAGES)(
    '%s: the types are what the JavaScript is, however they are resolved',
    async (name) => {
      const attw = join(root, 'e2e/node_modules/@arethetypeswrong/cli/dist/index.js')
      const args = [attw, tarballOf(name), '--no-color', '--exclude-entrypoints', './backend.mjs']
      const { stdout } = await run(process.execPath, args).catch((error: { stdout: string }) => error)
      expect(stdout).toContain('No problems found')
    },
    60_000,
  )

  it.each(PACKAGES)('%s: carries its own licence', async (name) => {
    const { stdout } = await run('tar', ['-xzOf', tarballOf(name), 'package/LICENSE'])
    expect(stdout).toBe(await readFile(join(root, 'LICENSE'), 'utf8'))
  })

  it.each(PACKAGES)('%s: carries the licence of each package that is bundled into it', async (name) => {
    const { stdout } = await run('tar', ['-tzf', tarballOf(name)])
    const files = stdout.trim().split('\n')
    const bundled = new Set<string>()
    for (const map of files.filter((file) => file.endsWith('.map'))) {
      const { stdout: text } = await run('tar', ['-xzOf', tarballOf(name), map], {
        maxBuffer: 64 * 1024 * 1024,
      })
      for (const source of JSON.parse(text).sources) {
        const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? []
        if (dependency) bundled.add(dependency)
      }
    }
    if (name === 'core') expect([...bundled]).toEqual(['eventsource-parser'])
    for (const dependency of bundled) expect(files).toContain(`package/dist/${dependency}.LICENSE.txt`)
  })

  it('react: editors offer no method by which our packages drive a connection', async () => {
    const { stdout } = await run('tar', ['-xzOf', tarballOf('react'), '--wildcards', 'package/dist/*.d.ts'])
    expect(stdout).toMatch(/^ +send\(message: Message\)/m)
    expect(stdout).not.toMatch(/^ +(attach|doubt|trust|deliverTo|restore|question|refused)\(/m)
  })

  it.each(['app.mjs', 'app.cjs'])('%s runs with them installed', async (file) => {
    const { stdout } = await run(process.execPath, [file], { cwd: app })
    expect(JSON.parse(stdout)).toEqual({
      status: 200,
      spawned: true,
      ended: false,
      functions: Array(11).fill('function'),
    })
  })

  const compilers: [string, string, Record<string, string>][] = [
    ['ESM', 'types.mts', { module: 'node16', moduleResolution: 'node16' }],
    ['CommonJS', 'types.cts', { module: 'node16', moduleResolution: 'node16', esModuleInterop: 'true' }],
    ['a bundler', 'types.ts', { module: 'esnext', moduleResolution: 'bundler' }],
  ]
  it.each(compilers)(
    'an app that is %s compiles with them',
    async (_, file, options) => {
      if (file !== 'types.ts') await copyFile(join(app, 'types.ts'), join(app, file))
      const flags = Object.entries({ ...options, target: 'es2022' }).flatMap(([name, value]) => [
        `--${name}`,
        value,
      ])
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const { stdout } = await run(
        process.execPath,
        [tsc, ...flags, '--strict', '--noEmit', '--skipLibCheck', file],
        { cwd: app },
      ).catch((error: { stdout: string }) => error)
      expect(stdout).toBe('')
    },
    60_000,
  )
})

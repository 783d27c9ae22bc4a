import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installCreate } from './created-app.ts'
import { dependenciesOf, installApp, pack, temporaryFolder } from './packed.ts'

const run = promisify(execFile)
/** The last of a line that we don't support. */
const VERSION = '18.20.8'
const sentence = (program: string) =>
  `${program} needs Node 20.19 or later, got ${VERSION}. Install a later one from https://nodejs.org, then try again.`

let folder: string
let app: string
let node: string
let create: string

beforeAll(async () => {
  folder = await temporaryFolder()
  const names = ['core', 'server', 'mock-platform']
  const tarballs = await pack(folder, [...names, 'create'])
  create = await installCreate(join(folder, 'tool'), tarballs.get('create') ?? '')
  tarballs.delete('create')
  app = join(folder, 'app')
  await mkdir(app)
  const ours = dependenciesOf(tarballs)
  // pnpm would ask whether it may run the script by which `node` picks the program for this machine.
  const dependencies = { ...ours, [`node-${process.platform}-${process.arch}`]: VERSION }
  const manifest = { private: true, dependencies, pnpm: { overrides: ours } }
  await writeFile(join(app, 'package.json'), JSON.stringify(manifest))
  await installApp(app)
  node = join(app, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin/node')
}, 600_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe(`on Node ${VERSION}, one sentence says which Node to install`, () => {
  it.each([
    ['npm create session-backend', 'create-session-backend', () => create],
    ['mock-platform', 'mock-platform', () => binOf('mock-platform', 'mock-platform')],
    ['session-backend', 'session-backend', () => binOf('server', 'session-backend')],
  ])('at the start of %s', async (_, program, bin) => {
    await expect(run(node, [bin(), '--help'], { cwd: app })).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `${sentence(program)}\n`,
    })
  })
})

const binOf = (name: string, bin: string) =>
  join(app, 'node_modules/@session-backend', name, 'bin', `${bin}.js`)

import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'packages/mock-platform/bin/mock-platform.js')

/** A busy machine takes its time to start a program. */
const PATIENT = ['--start-timeout', '120']

interface Result {
  name: string
  result: string
  happened: string
}

/** Runs `mock-platform check --json`. */
function check(args: string[], cwd = ROOT): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [PROGRAM, 'check', '--json', ...PATIENT, ...args],
      { cwd },
      (error, stdout, stderr) => {
        // It exits with 1 if a check fails: the report says which.
        if (stdout === '') reject(error ?? new Error(stderr))
        else resolve(JSON.parse(stdout).checks)
      },
    )
  })
}

/** What did not pass. */
const notPassed = (results: Result[]) => results.filter(({ result }) => result !== 'pass')

async function tempFolder(parent = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'session-backend-check-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A page that is silent is cut after 40 s, by the same code in all rooms: one of them waits for that. */
const QUICK = ['--skip', 'silent-page']

describe('mock-platform check', { timeout: 900_000 }, () => {
  it('finds nothing to do in the whiteboard', async () => {
    const folder = await tempFolder()
    const results = await check([
      ...['--env', `BOARD_FOLDER=${folder}/{document}`, '--user', 'ada', '--auth', '{"role":"editor"}'],
      ...['--message', '["draw",{"id":"stroke-1","color":1,"points":[[10,10]]}]'],
      ...['--', 'node', 'examples/next-whiteboard/dist/backend.js'],
    ])
    expect(notPassed(results)).toEqual([])
  })

  it('finds nothing to do in the editor', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'file.md'), '# Hello\n')
    const results = await check([
      ...QUICK,
      ...['--env', `DOCUMENT_FILE=${folder}/file.md`, '--env', `STATE_FOLDER=${folder}/state`],
      ...['--edits', 'e2e/check/yjs-edits.mjs'],
      ...['--', 'node', 'examples/express-editor/dist/backend.js'],
    ])
    expect(notPassed(results)).toEqual([])
  })

  it('finds nothing to do in the backend of both templates', async () => {
    // Below e2e, so that the packages are found.
    const folder = await tempFolder(join(ROOT, 'e2e/node_modules/.cache'))
    const template = join(ROOT, 'packages/create/templates/shared')
    for (const file of ['backend.ts', 'protocol.ts']) await copyFile(join(template, file), join(folder, file))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const results = await check(
      [
        ...QUICK,
        ...['--env', `BOARD_FOLDER=${folder}/boards`, '--user', 'ada'],
        ...['--message', '["draw",{"from":{"x":1,"y":1},"to":{"x":9,"y":9}}]'],
        ...['--', 'node', '--import', 'tsx', 'backend.ts'],
      ],
      folder,
    )
    expect(notPassed(results)).toEqual([])
  })

  it("finds that y-websocket's server listens on localhost, and handles no SIGTERM", async () => {
    const server = join(ROOT, 'e2e/node_modules/@y/websocket-server/src/server.js')
    const results = await check([
      ...['--path', '/a-room', '--only', 'ready', '--only', 'address', '--only', 'stop'],
      ...['--', 'node', server],
    ])
    expect(results).toMatchObject([
      { name: 'ready', result: 'pass' },
      { name: 'address', result: 'fail' },
      { name: 'stop', result: 'fail', happened: "It doesn't handle SIGTERM, which ended it at once." },
    ])
  })

  it('finds that a socket.io server as in its documentation handles no SIGTERM', async () => {
    const results = await check([
      ...['--path', '/socket.io/?EIO=4&transport=websocket', '--only', 'address', '--only', 'stop'],
      ...['--', 'node', 'e2e/check/socket-io-server.mjs'],
    ])
    expect(results).toMatchObject([
      { name: 'address', result: 'pass' },
      { name: 'stop', result: 'fail', happened: "It doesn't handle SIGTERM, which ended it at once." },
    ])
  })
})

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ended, processesWith } from '../support/processes.ts'
import { buildProgram, Program } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openTerminal } from '../support/terminal.ts'
import { linesBySource } from '../support/terminal-session.ts'

const BACKEND = join(import.meta.dirname, '../fixtures/backend.mjs')
const SERVICE = `editor='${process.execPath}' "${BACKEND}"`

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

/** Starts the platform for an app, which is this code. */
function start(code: string, { flags = ['--service', SERVICE], ...options }: Start = {}) {
  const app = [process.execPath, '--input-type=module', '--eval', code]
  return new Program(program.path, ['--port', '0', ...flags, '--', ...app], options)
}

interface Start {
  flags?: string[]
  cwd?: string
  env?: Record<string, string>
}

/** What the app has printed. */
const linesOf = ({ output }: Program): string[] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .flatMap(({ source, msg }) => (source === 'app' ? [msg] : []))

/** Code that prints what the API answers to the variables. */
const ASK = `
  const { JAMSOCKET_API_URL, JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN } = process.env
  const answer = await fetch(JAMSOCKET_API_URL + '/user/' + JAMSOCKET_ACCOUNT + '/service/' + JAMSOCKET_SERVICE + '/spawn', {
    method: 'POST', headers: { authorization: 'Bearer ' + JAMSOCKET_TOKEN }
  })
  console.log(answer.status)
`

describe('mock-platform with a command', () => {
  it('prints the platform’s URL for other devices, and gives the app the URL on this machine', async () => {
    const flags = ['--host', '0.0.0.0', '--public-url', 'https://dev.example', '--service', SERVICE]
    const platform = start('console.log(process.env.JAMSOCKET_API_URL)', { flags })
    expect(await platform.exited).toBe(0)
    expect(JSON.parse(platform.errors.split('\n')[0] ?? '')).toMatchObject({
      msg: expect.stringMatching(/^mock-platform listens on http:\/\/localhost:\d+$/),
      publicUrl: 'https://dev.example',
    })
    expect(linesOf(platform)).toEqual([expect.stringMatching(/^http:\/\/localhost:\d+$/)])
  })

  it('gives the command the variables by which an app finds the platform, and ends with its exit code', async () => {
    const platform = start(`${ASK}; process.exitCode = 3`)
    expect(await platform.exited).toBe(3)
    expect(linesOf(platform)).toEqual(['200'])
    expect(platform.errors).toContain('"msg":"Terminated"')
  })

  it('leaves out the service if there are several, so that the app says which one it means', async () => {
    const flags = ['--service', SERVICE, '--service', SERVICE.replace('editor', 'chat')]
    const platform = start('console.log(process.env.JAMSOCKET_SERVICE)', { flags })
    expect(await platform.exited).toBe(0)
    expect(linesOf(platform)).toEqual(['undefined'])
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'passes %s on, and waits until the app has ended',
    async (signal) => {
      const platform = start(`
      process.on('${signal}', () => setTimeout(() => { console.log('saved'); process.exit(7) }, 100))
      setInterval(() => {}, 1_000)
      console.log('up')
    `)
      await expect.poll(() => platform.output).toContain('"up"')
      platform.process.kill(signal)
      expect(await platform.exited).toBe(7)
      expect(linesOf(platform)).toEqual(['up', 'saved'])
    },
  )

  it('ends what the app leaves behind in its process group', async () => {
    const MARK = randomUUID()
    const platform = start(
      `import { spawn } from 'node:child_process'; spawn('sleep', ['1000'], { stdio: 'inherit' }).unref()`,
      { env: { MARK } },
    )
    expect(await platform.exited).toBe(0)
    expect(processesWith(`MARK=${MARK}`)).toEqual([])
  })

  it('leaves nothing of the app behind when it is killed', async () => {
    const platform = start(`console.log('pid ' + process.pid); setInterval(() => {}, 1_000)`)
    await expect.poll(() => platform.output).toMatch(/pid \d+/)
    const pid = Number(/pid (\d+)/.exec(platform.output)?.[1])
    platform.process.kill('SIGKILL')
    await ended(pid)
  })

  it('says that a command is not there, with the exit code of a shell', async () => {
    const platform = new Program(program.path, ['--port', '0', '--', 'no-such-command'])
    expect(await platform.exited).toBe(127)
    expect(linesOf(platform).join()).toContain('no-such-command: not found')
  })

  it('tells a program that reads its lines where the platform and the dashboard are', async () => {
    const platform = start('')
    expect(await platform.exited).toBe(0)
    const [first = ''] = platform.errors.split('\n')
    expect(JSON.parse(first)).toMatchObject({
      msg: expect.stringMatching(/^mock-platform listens on http:\/\/127\.0\.0\.1:\d+$/),
      dashboard: expect.stringMatching(/^http:\/\/localhost:\d+\/$/),
    })
  })

  it('takes a free port if the usual one is taken and no port was asked for', async () => {
    const other = createServer().listen(8080, '127.0.0.1')
    onTestFinished(() => void other.close())
    // If it fails, somebody else has the port, which is as good.
    await Promise.race([once(other, 'listening'), once(other, 'error')])
    const app = [process.execPath, '--eval', 'console.log(process.env.JAMSOCKET_API_URL)']
    const platform = new Program(program.path, ['--', ...app])
    expect(await platform.exited).toBe(0)
    expect(linesOf(platform)).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:(?!8080$)\d+$/)])
    const strict = new Program(program.path, ['--port', '8080', '--', ...app])
    expect(await strict.exited).toBe(1)
    expect(strict.errors).toContain('Use another --port.')
  })

  it('finds the configuration file of the folder, and its flags win', async () => {
    const folder = tempFolder()
    const config = { account: 'acme', services: { editor: { command: [process.execPath, BACKEND] } } }
    writeFileSync(join(folder, 'mock-platform.config.mjs'), `export default ${JSON.stringify(config)}`)
    const code = `${ASK}; console.log(process.env.JAMSOCKET_ACCOUNT, process.env.JAMSOCKET_TOKEN)`
    const platform = start(code, { cwd: folder, flags: ['--token', 'sekret'] })
    expect(await platform.exited).toBe(0)
    expect(linesOf(platform)).toEqual(['200', 'acme sekret'])
  })
})

const README = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
/** What the README shows below this command. */
const SESSION = /^npx mock-platform --service .* -- npm run dev\n```\n\n```\n(.*?)^```$/ms.exec(README)?.[1]

const PACKAGE = { name: 'my-app', version: '1.0.0', scripts: { dev: 'node server.mjs' } }

/** An app whose first user opens a document. */
const SERVER = `
  import { createServer } from 'node:http'
  process.on('SIGINT', () => { console.log('saved'); process.exit() })
  if (process.env.FORCE_COLOR !== '1') console.log('This app prints no colours.')
  const { JAMSOCKET_API_URL, JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN } = process.env
  createServer().listen(0, () => console.log('The app listens on http://localhost:3000'))
  await fetch(JAMSOCKET_API_URL + '/user/' + JAMSOCKET_ACCOUNT + '/service/' + JAMSOCKET_SERVICE + '/spawn', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + JAMSOCKET_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify({ lock: 'editor/plan' }),
  })
`

const PAGES = `
  import { createServer } from 'node:http'
  console.log('loaded 12 pages')
  createServer().listen(process.env.PORT)
`

describe.runIf(process.platform === 'linux')('mock-platform with a command, in a terminal', () => {
  it('prints the session that the README shows, with colours, and Ctrl-C ends both', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'package.json'), JSON.stringify(PACKAGE))
    writeFileSync(join(folder, 'server.mjs'), SERVER)
    writeFileSync(join(folder, 'backend.mjs'), PAGES)
    const node = `'${process.execPath}'`
    const printed = () => stripVTControlCharacters(terminal.output)
    const terminal = openTerminal(
      `${node} '${program.path}' --port 0 --service 'editor=node backend.mjs' -- npm run dev`,
      folder,
    )
    await expect.poll(printed).toMatch(/plan {2}Ready/)
    await expect.poll(printed).toMatch(/loaded 12 pages/)
    terminal.type('\x03')
    await terminal.exited
    expect(linesBySource(printed())).toEqual(linesBySource(SESSION ?? ''))
    expect(terminal.output).toMatch(/\[3\dmapp/)
    expect(terminal.output).toContain('\x1b[1mmock-platform')
  })
})

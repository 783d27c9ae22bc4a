import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ended, processesWith } from '../support/processes.ts'
import { buildProgram, Program } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { Terminal } from '../support/terminal.ts'

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

/** An app that opens a document, and saves when it is asked to end. */
const APP = `
  const { JAMSOCKET_API_URL, JAMSOCKET_TOKEN } = process.env
  process.on('SIGINT', () => { console.log('saved'); process.exit() })
  const answer = await fetch(JAMSOCKET_API_URL + '/user/dev/service/editor/spawn', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + JAMSOCKET_TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify({ lock: 'editor/plan' }),
  })
  await fetch((await answer.json()).url)
  console.log('a document is open')
  setInterval(() => {}, 1_000)
`

describe.runIf(process.platform === 'linux')('mock-platform with a command, in a terminal', () => {
  it('shows a banner and the source of each line, and Ctrl-C ends both', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'app.mjs'), APP)
    const node = `'${process.execPath}'`
    const terminal = new Terminal(
      `${node} '${program.path}' --port 0 --service "editor=${node} '${BACKEND}'" -- ${node} app.mjs`,
      folder,
    )
    await terminal.url()
    const printed = () => stripVTControlCharacters(terminal.output)
    await expect.poll(printed).toMatch(/^app │ a document is open\r$/m)
    await expect.poll(printed).toMatch(/^editor\/plan │ listens .*\r$/m)
    expect(printed()).toMatch(/^ {2}dashboard {2}http:\/\/localhost:\d+\/\r\n {2}services {3}editor\r$/m)
    expect(printed()).toMatch(/^\d\d:\d\d:\d\d {2}editor\/plan {2}Ready\r$/m)
    expect(terminal.output).toMatch(/\[3\dmapp/)
    terminal.type('\x03')
    expect(await terminal.exited).toBe(0)
    expect(printed()).toMatch(/^app │ saved\r$/m)
    expect(printed()).toMatch(/editor\/plan {2}Terminated\r$/m)
  })
})

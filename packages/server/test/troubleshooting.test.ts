import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'

const TOKEN = 'planted-token-5f3a'
const SECRET = 'planted-secret-77c1'
const APP = join(import.meta.dirname, 'fixtures/app-with-mistakes.mjs')
const CLOSED = 'http://127.0.0.1:1'
/** Stands for the address of a program that is not a platform. */
const OTHER = 'other'

const backend = (code: string) => ({ command: [process.execPath, '-e', code] as const })
const SERVICES = {
  editor: { serve: () => {} },
  crashing: backend(`console.error('Error: no config'); process.exit(1)`),
  deaf: backend(`console.log('waiting'); setInterval(() => {}, 1000)`),
}

const [, SECTION = ''] = readFileSync(
  join(import.meta.dirname, '../../../docs/troubleshooting.md'),
  'utf8',
).split("\n## What the app's terminal says\n")

/** The lines of the table, with the code quotes that a table can't nest. */
const LINES = (SECTION.split('\n## ', 1)[0] ?? '')
  .split('\n')
  .flatMap((row) => /^\| `(.+?)` +\|/.exec(row)?.[1] ?? [])

interface Mistake {
  /** Variables of the app's environment. */
  env?: Record<string, string | undefined>
  /** What the app's code gets wrong. */
  code?: string
}

/** By the order of the table. */
const MISTAKES: [string, Mistake][] = [
  ['a wrong token', { env: { JAMSOCKET_TOKEN: 'wrong' } }],
  ['a wrong service', { env: { JAMSOCKET_SERVICE: 'edtor' } }],
  ['a wrong account', { env: { JAMSOCKET_ACCOUNT: 'acmee' } }],
  ['a platform that is down', { env: { JAMSOCKET_API_URL: CLOSED } }],
  ['another program at the address of the platform', { env: { JAMSOCKET_API_URL: OTHER } }],
  ['a variable that is not set', { env: { JAMSOCKET_ACCOUNT: undefined } }],
  ['an `authorize` that returns nothing', { code: 'authorize-returns-nothing' }],
  ['a `spawn` that throws', { code: 'spawn-throws' }],
  ['a backend that crashes at its start', { env: { JAMSOCKET_SERVICE: 'crashing' } }],
  ['a backend that never listens', { env: { JAMSOCKET_SERVICE: 'deaf' } }],
]

/** Opens a document in an app with the mistake, which runs as its own process; what the app has written to its terminal. */
async function terminalOf(platform: MockPlatform, { env = {}, code }: Mistake): Promise<() => string> {
  const { NODE_ENV: _, ...inherited } = process.env
  const other = env.JAMSOCKET_API_URL === OTHER ? await startOther() : undefined
  const app = spawn(process.execPath, [APP, ...(code === undefined ? [] : [code])], {
    env: {
      ...inherited,
      ...platform.env('editor'),
      JAMSOCKET_API_URL: platform.url,
      SECRET,
      ...env,
      ...(other && { JAMSOCKET_API_URL: other }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(app, 'exit')
  onTestFinished(async () => {
    app.kill('SIGKILL')
    await ended
  })
  let written = ''
  app.stderr.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  const [origin] = await once(createInterface(app.stdout), 'line')
  await fetch(`${origin}/api/sessions/${randomUUID()}`, { method: 'POST' })
  return () =>
    written
      .replaceAll(other ?? platform.url, '<origin>')
      .replaceAll(CLOSED, '<origin>')
      .replaceAll('`', "'")
}

/** A server that knows no method of the platform. Resolves to its address. */
async function startOther(): Promise<string> {
  const server = createServer((_, response) => response.writeHead(501).end()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : ''}`
}

describe("docs/troubleshooting.md has the line of the app's terminal", () => {
  let platform: MockPlatform

  beforeAll(async () => {
    const options = { account: 'acme', token: TOKEN, services: SERVICES, startTimeoutSeconds: 1 }
    platform = await createMockPlatform(options)
  })
  afterAll(() => platform.close())

  it('for each mistake', () => expect(LINES).toHaveLength(MISTAKES.length))

  it.each(MISTAKES.map(([name, mistake], index) => [name, mistake, LINES[index] ?? ''] as const))(
    'for %s',
    { timeout: 60_000 },
    async (_, mistake, line) => {
      const terminal = await terminalOf(platform, mistake)
      await vi.waitFor(() => expect(terminal().split('\n')[0]).toContain(line), { timeout: 30_000 })
      expect(terminal()).not.toMatch(/planted/)
    },
  )
})

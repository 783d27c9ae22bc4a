import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { format } from 'node:util'
import { createMockPlatform } from '@session-backend/mock-platform'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSessionBackends, type JamsocketOptions, jamsocket } from '../src/index.ts'
import { nodeHandler } from '../src/node.ts'
import { close, listening } from './support/listen.ts'

const TOKEN = 'planted-token-5f3a'
const SECRET = 'planted-secret-77c1'
const CLOSED = 'http://127.0.0.1:1'

const backend = (code: string) => ({ command: [process.execPath, '-e', code] as const })
const SERVICES = {
  editor: { serve: () => {} },
  crashing: backend(`console.error('Error: no config'); process.exit(1)`),
  deaf: backend(`console.log('waiting'); setInterval(() => {}, 1000)`),
}

/** The lines of the table, with the code quotes that a table can't nest. */
const LINES = readFileSync(join(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8')
  .split('\n')
  .flatMap((row) => /^\| `(.+?)` +\|/.exec(row)?.[1] ?? [])

interface Mistake {
  platform?: Partial<JamsocketOptions>
  options?: Partial<Parameters<typeof createSessionBackends>[0]>
}

/** By the order of the table. */
const MISTAKES: [string, Mistake][] = [
  ['a wrong token', { platform: { token: 'wrong' } }],
  ['a wrong service', { platform: { service: 'edtor' } }],
  ['a wrong account', { platform: { account: 'acmee' } }],
  ['a platform that is down', { platform: { apiUrl: CLOSED } }],
  // @ts-expect-error What JavaScript allows.
  ['an `authorize` that returns nothing', { options: { authorize: () => {} } }],
  [
    'a `spawn` that throws',
    {
      options: {
        spawn: () => {
          throw new Error('no database')
        },
      },
    },
  ],
  ['a backend that crashes at its start', { platform: { service: 'crashing' } }],
  ['a backend that never listens', { platform: { service: 'deaf' } }],
]

/** Opens a document in an app with the mistake; what the app writes to its terminal. */
async function terminalOf({ platform = {}, options = {} }: Mistake): Promise<() => string> {
  vi.stubEnv('NODE_ENV', 'development')
  const lines: string[] = []
  const write = vi.spyOn(console, 'error').mockImplementation((...parts) => void lines.push(format(...parts)))
  const mock = await createMockPlatform({
    ...{ account: 'acme', token: TOKEN, services: SERVICES, startTimeoutSeconds: 1 },
  })
  const sessionBackends = createSessionBackends({
    platform: jamsocket({ account: 'acme', service: 'editor', token: TOKEN, apiUrl: mock.url, ...platform }),
    authorize: () => true,
    spawn: () => ({ env: { SECRET } }),
    ...options,
  })
  const server = createServer(nodeHandler(sessionBackends))
  onTestFinished(async () => {
    await sessionBackends.close()
    await close(server)
    await mock.close()
    write.mockRestore()
    vi.unstubAllEnvs()
  })
  await fetch(`${await listening(server)}/api/sessions/doc`, { method: 'POST' })
  return () =>
    lines.join('\n').replaceAll(mock.url, '<origin>').replaceAll(CLOSED, '<origin>').replaceAll('`', "'")
}

describe("docs/troubleshooting.md has the line of the app's terminal", () => {
  it('for each mistake', () => expect(LINES).toHaveLength(MISTAKES.length))

  it.each(MISTAKES.map(([name, mistake], index) => [name, mistake, LINES[index] ?? ''] as const))(
    'for %s',
    async (_, mistake, line) => {
      const terminal = await terminalOf(mistake)
      await vi.waitFor(() => expect(terminal().split('\n')[0]).toContain(line), { timeout: 10_000 })
      expect(terminal()).not.toMatch(/planted/)
    },
  )
})

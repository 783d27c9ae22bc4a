import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Gate, startGate } from '../test/support/gate.ts'
import { type Host, hostScenarios } from '../test/support/host-scenarios.ts'

const NODE = [process.execPath, '--expose-gc', '--import', '../test/fixtures/collector.mjs']
const NO_WRITE_HEAD = 'The host has no `writeHead` of Node.'
const NO_PARSER = 'The host parses no body before a handler.'
const READ_ONCE =
  'The Fetch API gives a body once: a route that is handed a request whose body was read answers 400. Read a clone of it.'
const NO_COMPRESSION = 'The host compresses nothing by itself.'

const NO_STREAMS =
  'A function answers with a whole body: a stream has no end to wait for. Follow the status at the platform.'
const NEVER_TOLD =
  'The adapter writes to a closed response for ever, and its signal goes silent: docs/hosts.md, "Readers that leave".'

const reasons = (reason: string, rows: string[]) => Object.fromEntries(rows.map((row) => [row, reason]))

interface Column {
  host: string
  program: string
  command?: string[]
  /** Why a row can't hold, by a part of its name. */
  cannot?: Record<string, string>
}

/** The program in the package of this platform that a runtime's own depends on; its scripts would only link it. */
function binary(name: string, path: string): string {
  const folder = realpathSync(join(import.meta.dirname, 'node_modules', name))
  return join(folder, path.startsWith('@') ? '../' : '.', path)
}

const deno = binary('deno', '@deno/linux-x64-glibc/deno')
const bun = binary('bun', '@oven/bun-linux-x64/bin/bun')

const columns: Column[] = [
  { host: 'Express 5', program: 'express5' },
  { host: 'Express 4', program: 'express4' },
  { host: 'node:http', program: 'node-http', cannot: { 'has parsed': NO_PARSER } },
  {
    host: 'compression() before the Fetch API',
    program: 'compressed-fetch',
    cannot: { 'has parsed': NO_PARSER },
  },
  { host: 'Hono', program: 'hono', cannot: { writeHead: NO_WRITE_HEAD, 'has parsed': READ_ONCE } },
  { host: 'Fastify', program: 'fastify', cannot: { writeHead: NO_WRITE_HEAD } },
  { host: 'Koa', program: 'koa', cannot: { writeHead: NO_WRITE_HEAD, 'has parsed': NO_PARSER } },
  {
    host: 'h3 1, as in Nuxt and Nitro 2',
    program: 'h3-v1',
    cannot: { compresses: NO_COMPRESSION, writeHead: NO_WRITE_HEAD },
  },
  {
    host: 'h3 2',
    program: 'h3-v2',
    cannot: { compresses: NO_COMPRESSION, writeHead: NO_WRITE_HEAD, 'has parsed': NO_PARSER },
  },
  { host: 'React Router 7', program: 'react-router', cannot: { 'has parsed': NO_PARSER } },
  {
    host: 'React Router 7.5',
    program: 'react-router-7.5',
    cannot: { 'has parsed': NO_PARSER, 'readers leave': NEVER_TOLD },
  },
  { host: 'React Router 7.5, behind expressMiddleware', program: 'react-router-7.5-express' },
  {
    host: 'serverless-http',
    program: 'serverless',
    cannot: reasons(NO_STREAMS, ['the path that middleware', 'first byte', 'readers leave', 'writeHead']),
  },
  {
    host: 'Deno',
    program: 'deno',
    command: [deno, 'run', '--allow-all', '--node-modules-dir=manual', '--v8-flags=--expose-gc'],
    cannot: { writeHead: NO_WRITE_HEAD, 'has parsed': NO_PARSER },
  },
  {
    host: 'Bun',
    program: 'bun',
    command: [bun, 'run'],
    cannot: {
      compresses: NO_COMPRESSION,
      writeHead: NO_WRITE_HEAD,
      'has parsed': NO_PARSER,
    },
  },
]

describe.each(columns)('$host', ({ program, cannot = {}, ...column }) => {
  let platform: MockPlatform
  let gate: Gate
  let host: Host
  let end = () => {}
  const [file = '', ...args] = column.command ?? NODE
  const missing = !existsSync(file)

  beforeAll(async () => {
    if (missing) return
    platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
    gate = await startGate(platform.url)
    const child = spawn(file, [...args, `./hosts/${program}.mjs`], {
      cwd: import.meta.dirname,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        JAMSOCKET_ACCOUNT: platform.account,
        JAMSOCKET_TOKEN: platform.token,
        JAMSOCKET_SERVICE: 'editor',
        JAMSOCKET_API_URL: gate.url,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    end = () => child.kill('SIGKILL')
    const origin = await originOf(child)
    host = {
      url: `${origin}/api/sessions`,
      liveUrl: `${origin}/live`,
      gate,
      collect: () => child.kill('SIGUSR2'),
    }
  })

  afterAll(async () => {
    end()
    await gate?.close()
    await platform?.close()
  })

  for (const { name, run } of hostScenarios) {
    it(name, { timeout: 40_000 }, async ({ skip }) => {
      if (missing) return skip('Its npm package brings no program for this machine.')
      const reason = Object.entries(cannot).find(([row]) => name.includes(row))?.[1]
      return reason === undefined ? run(host) : skip(reason)
    })
  }
})

function originOf(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    const output: string[] = []
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The host ended with ${code}:\n${output.join('\n')}`)))
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface(stream).on('line', (line) => {
        output.push(line)
        if (/^http:\/\/127\.0\.0\.1:\d+$/.test(line)) resolve(line)
        if (process.env.HOST_OUTPUT) console.log(line)
      })
    }
  })
}

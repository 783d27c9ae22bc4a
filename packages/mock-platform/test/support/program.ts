import { type ChildProcess, spawn as start } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Session, watchStatus } from '@session-backend/core'
import { parseBackendAnswer, type SpawnRequest } from '@session-backend/core/internal'
import { build } from 'vite'
import { onTestFinished } from 'vitest'

const PACKAGE = join(import.meta.dirname, '../..')

/** Builds the program from the sources. Resolves to its path, and to what removes it. */
export async function buildProgram(): Promise<{ path: string; remove(): Promise<void> }> {
  const cache = join(PACKAGE, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  // Below the package, so that its dependencies are found.
  const folder = await mkdtemp(join(cache, 'program-'))
  await build({
    root: PACKAGE,
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: {
        '@session-backend/core/internal': join(PACKAGE, '../core/src/internal.ts'),
        '@session-backend/core': join(PACKAGE, '../core/src/index.ts'),
      },
    },
    build: {
      ssr: true,
      outDir: join(folder, 'dist'),
      target: 'node20',
      rollupOptions: { input: { cli: 'src/cli/index.ts' } },
    },
  })
  await copyFile(join(PACKAGE, 'package.json'), join(folder, 'package.json'))
  return { path: join(folder, 'dist/cli.js'), remove: () => rm(folder, { recursive: true }) }
}

/** The program, as a user runs it. */
export class Program {
  output = ''
  errors = ''
  readonly process: ChildProcess
  readonly exited: Promise<number | null>

  constructor(
    path: string,
    args: string[],
    { cwd, env }: { cwd?: string; env?: Record<string, string> } = {},
  ) {
    const child = start(process.execPath, [path, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    })
    this.process = child
    this.exited = once(child, 'close').then(([code]) => code)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text
    })
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await this.exited
    })
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    for (;;) {
      const [url] = /http:\/\/\S+/.exec(this.output) ?? []
      if (url !== undefined) return url
      if (this.process.exitCode !== null) throw new Error(`It ended: ${this.errors}`)
      await Promise.race([once(this.process.stdout ?? this.process, 'data'), this.exited])
    }
  }
}

/** Spawns a backend of the account acme, whose token is sekret. */
export async function spawn(url: string, body: SpawnRequest = {}, service = 'editor'): Promise<Session> {
  const response = await fetch(`${url}/user/acme/service/${service}/spawn`, {
    method: 'POST',
    headers: { authorization: 'Bearer sekret', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return parseBackendAnswer(await response.json())
}

/** The same, and waits until it is Ready. */
export async function ready(url: string, body: SpawnRequest = {}, service = 'editor'): Promise<Session> {
  const session = await spawn(url, body, service)
  for await (const { state } of watchStatus(`${session.statusUrl}/stream`)) if (state === 'Ready') break
  return session
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
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
    resolve: { alias: { '@session-backend/core': join(PACKAGE, '../core/src/index.ts') } },
    build: { ssr: 'src/cli.ts', outDir: join(folder, 'dist'), target: 'node20' },
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

  constructor(path: string, args: string[]) {
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
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

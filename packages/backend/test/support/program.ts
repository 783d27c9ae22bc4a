import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../../../..')

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Makes one file of a program in TypeScript and all that it imports, our packages from their sources. */
export async function bundle(path: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(path, '.ts')}.mjs`)
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfig: join(root, 'tsconfig.json'),
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  return outfile
}

/** A program as its own process: what it prints, and how it ends. */
export function startProcess(command: readonly [string, ...string[]], env: Record<string, string> = {}) {
  const [file, ...args] = command
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const each of waiting) each()
    })
  }
  return {
    child,
    lines,
    exited,
    /** Resolves to what the pattern captures, in a line that was printed or will be. */
    printed(pattern: RegExp): Promise<string> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = lines.map((line) => pattern.exec(line)).find((each) => each !== null)
          if (match) resolve(match[1] ?? match[0])
          return match !== undefined
        }
        waiting.add(() => look())
        if (look()) return
        void exited.then(({ code }) => {
          if (!look()) reject(new Error(`It exited with ${code} and printed:\n${lines.join('\n')}`))
        })
      })
    },
  }
}

export type RunningProcess = ReturnType<typeof startProcess> & { child: ChildProcess }

/** Starts a program of `test/fixtures`. */
export async function startFixture(name: string, env: Record<string, string> = {}) {
  const file = await bundle(join(import.meta.dirname, '../fixtures', `${name}.ts`), await temporaryFolder())
  return startProcess([process.execPath, file], { PORT: '0', ...env })
}

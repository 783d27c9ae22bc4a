import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'

const PACKAGE = join(import.meta.dirname, '../..')
const COLLECTOR = pathToFileURL(join(import.meta.dirname, '../fixtures/collector.mjs')).href
const FIXTURE = join(import.meta.dirname, '../fixtures/next-app')

/** The fixture as a production build, served by its own process. */
export interface NextApp {
  /** Its origin, with its `basePath`. */
  url: string
  /** Collects its garbage. */
  collect(): void
  close(): Promise<void>
}

/**
 * Builds the fixture with the Next that is installed under an alias, and starts it. The build finds this package the
 * way an app does, as its published entries in `dist`.
 *
 * @param alias `next` or `next15`, in this package's dependencies.
 */
export async function startNextApp(alias: string, env: Record<string, string>): Promise<NextApp> {
  await mkdir(join(PACKAGE, '.next'), { recursive: true })
  const folder = await mkdtemp(join(PACKAGE, `.next/${alias}-`))
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  try {
    await cp(FIXTURE, folder, { recursive: true })
    if (alias !== 'next15') await rename(join(folder, 'middleware.ts'), join(folder, 'proxy.ts'))
    await mkdir(join(folder, 'node_modules/@session-backend'), { recursive: true })
    await symlink(join(PACKAGE, 'node_modules', alias), join(folder, 'node_modules/next'))
    await symlink(PACKAGE, join(folder, 'node_modules/@session-backend/server'))

    await finished(run(folder, ['build'], env))
    const server = run(folder, ['start', '--port', '0', '--hostname', '127.0.0.1'], env)
    return {
      // By this name: Next takes a rewrite of a request to 127.0.0.1 for one to another origin, and proxies it.
      url: `${(await originOf(server)).replace('127.0.0.1', 'localhost')}/app`,
      collect: () => server.kill('SIGUSR2'),
      async close() {
        const exited = once(server, 'exit')
        server.kill('SIGKILL')
        await exited
        await removeFolder()
      },
    }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

/** Next's program itself: killing `npx next` would leave it running. */
function run(cwd: string, args: string[], env: Record<string, string>) {
  const collector = ['--expose-gc', '--import', COLLECTOR]
  return spawn(process.execPath, [...collector, 'node_modules/next/dist/bin/next', ...args], {
    cwd,
    // Vitest's NODE_ENV is no build's.
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

type Program = ReturnType<typeof run>

async function finished(program: Program): Promise<void> {
  const [output, errors, [code]] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    once(program, 'exit'),
  ])
  if (code !== 0) throw new Error(`next build failed with ${code}:\n${output}${errors}`)
}

function originOf(server: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    const output: string[] = []
    server.once('exit', (code) => reject(new Error(`next start failed with ${code}:\n${output.join('\n')}`)))
    for (const stream of [server.stdout, server.stderr]) {
      createInterface(stream).on('line', (line) => {
        output.push(line)
        const origin = /Local: +(http:\S+)/.exec(line)?.[1]
        if (origin !== undefined) resolve(origin)
      })
    }
  })
}

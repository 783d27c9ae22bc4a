import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join(import.meta.dirname, '../examples/express-editor/dist/main.js')

/** The editor example as a user runs it: a process of its own, on a folder of its own. */
export interface ExampleProcess {
  url: string
  platformUrl: string
  /** The folder whose Markdown files it edits. */
  folder: string
  /** The folder of its state. */
  state: string
  /** Sends Ctrl-C, and resolves to the exit code. */
  interrupt(): Promise<number | null>
  /** Ends the process, where it still runs, and removes its folders. */
  dispose(): Promise<void>
}

/** Starts the built example on the given files. */
export async function startExample(files: Record<string, string>): Promise<ExampleProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-e2e-'))
  const state = await mkdtemp(join(tmpdir(), 'session-backend-e2e-state-'))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))

  const child = spawn(
    process.execPath,
    [MAIN, folder, '--port', '0', '--grace-period', '1', '--state', state],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  const output: string[] = []
  const started = new Promise<string>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`The example exited with ${code}: ${output.join('\n')}`)))
    createInterface(child.stdout).on('line', (line) => {
      output.push(line)
      const [address] = /https?:\/\/\S+/.exec(line) ?? []
      if (address !== undefined) done(address)
    })
  })
  const interrupt = () => {
    child.kill('SIGINT')
    return exited
  }
  const dispose = async () => {
    await interrupt()
    await Promise.all([folder, state].map((path) => rm(path, { recursive: true })))
  }
  const url = await started
  const dashboard = await fetch(new URL('/backends', url), { redirect: 'manual' })
  const platformUrl = dashboard.headers.get('location') ?? ''
  return { url, platformUrl, folder, state, interrupt, dispose }
}

/** The processes of this machine whose environment names `state`: the backends of one example. */
export async function backendsOf(state: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').some((line) => line.startsWith(`STATE_FOLDER=${state}`))
        ? [Number(pid)]
        : []
    }),
  )
  return found.flat()
}

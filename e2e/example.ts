import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** An example as a user runs it: a process of its own, on folders of its own. */
export interface ExampleProcess {
  url: string
  /** The folder of its state. */
  state: string
  /** Sends Ctrl-C, and resolves to the exit code. */
  interrupt(): Promise<number | null>
  /** Kills the app, and the platform in it, without a warning. */
  crash(): Promise<void>
  /** Starts the app again, at the same address, after it has ended. */
  restart(): Promise<void>
  /** Ends the process, where it still runs, and removes its folders. */
  dispose(): Promise<void>
}

/** The editor, on a folder with some files. */
export interface EditorProcess extends ExampleProcess {
  platformUrl: string
  /** The folder whose Markdown files it edits. */
  folder: string
}

/** Starts the built editor on the given files. */
export async function startEditor(files: Record<string, string>): Promise<EditorProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-e2e-'))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))
  const example = await start('express-editor', [folder, '--grace-period', '1'])
  const dashboard = await fetch(new URL('/backends', example.url), { redirect: 'manual' })
  const dispose = async () => {
    await example.dispose()
    await rm(folder, { recursive: true })
  }
  return { ...example, folder, platformUrl: dashboard.headers.get('location') ?? '', dispose }
}

/** Starts the built whiteboard. */
export function startWhiteboard(): Promise<ExampleProcess> {
  return start('next-whiteboard', ['--grace-period', '1'])
}

async function start(name: string, args: string[]): Promise<ExampleProcess> {
  const state = await mkdtemp(join(tmpdir(), 'session-backend-e2e-state-'))
  const main = join(import.meta.dirname, '../examples', name, 'dist/main.js')
  let running = await run(main, [...args, '--state', state, '--port', '0'])
  const { url } = running

  const interrupt = () => {
    running.child.kill('SIGINT')
    return running.exited
  }
  return {
    url,
    state,
    interrupt,
    async crash() {
      running.child.kill('SIGKILL')
      await running.exited
    },
    async restart() {
      running = await run(main, [...args, '--state', state, '--port', new URL(url).port])
    },
    async dispose() {
      await interrupt()
      await rm(state, { recursive: true })
    },
  }
}

async function run(main: string, args: string[]) {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Users stay signed in when the whiteboard is started again.
    env: { ...process.env, WHITEBOARD_SECRET: 'a secret that the tests share: 32 or more' },
  })
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  const output: string[] = []
  const url = await new Promise<string>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`The example exited with ${code}: ${output.join('\n')}`)))
    createInterface(child.stdout).on('line', (line) => {
      output.push(line)
      const [address] = /https?:\/\/\S+/.exec(line) ?? []
      if (address !== undefined) done(address)
    })
  })
  return { child, exited, url }
}

/** The backends of one example: processes of this machine whose environment names its state folder. */
export async function backendsOf({ state }: Pick<ExampleProcess, 'state'>): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const isBackend = environment.includes('SESSION_BACKEND_ID=') && environment.includes(`=${state}/`)
      return isBackend ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

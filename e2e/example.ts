import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseAnyState } from '@session-backend/core/internal'

/** An example as a user runs it: its own process, on its own folders. */
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
  /** How a backend's environment names the folder of its state. */
  stateMark: string
  /** Where on this machine a backend's path leads. */
  pathHere(path: string): string
  /** A backend's status, as its engine has it. */
  statusOf(name: string): Promise<string | undefined>
}

/** Starts the built editor on the given files. */
export async function startEditor(files: Record<string, string>): Promise<EditorProcess> {
  const { folder, remove } = await createFolder(files)
  const example = await start('express-editor', [folder, '--grace-period', '1'])
  const dashboard = await fetch(new URL('/backends', example.url), { redirect: 'manual' })
  const platformUrl = dashboard.headers.get('location') ?? ''
  return {
    ...example,
    folder,
    platformUrl,
    stateMark: example.state,
    pathHere: (path) => path,
    statusOf: (name) => readStatus(new URL(`/backend/${name}/status`, platformUrl)),
    async dispose() {
      await example.dispose()
      await remove()
    },
  }
}

/** Starts the built editor on a Plane that runs, and whose drone lets folders below `mountBase` be mounted. */
export async function startEditorOnPlane(
  files: Record<string, string>,
  { controllerUrl, image, mountBase }: { controllerUrl: string; image: string; mountBase: string },
): Promise<EditorProcess> {
  const { folder, remove } = await createFolder(files, mountBase)
  const example = await start('express-editor', [folder, '--plane', controllerUrl, '--image', image])
  return {
    ...example,
    folder,
    platformUrl: controllerUrl,
    stateMark: '/plane-data',
    pathHere: (path) => path.replace('/plane-data', folder),
    statusOf: (name) => readStatus(new URL(`/pub/b/${name}/status`, controllerUrl)),
    async dispose() {
      await example.dispose()
      await remove()
    },
  }
}

async function createFolder(files: Record<string, string>, parent = tmpdir()) {
  const folder = await mkdtemp(join(parent, 'session-backend-e2e-'))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

async function readStatus(url: URL): Promise<string | undefined> {
  return parseAnyState(await (await fetch(url)).json())?.state
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

/** Starts a built example as its own command line does. */
export async function startExample(name: string, args: string[]) {
  const main = join(import.meta.dirname, '../examples', name, 'dist/main.js')
  const { child, exited, url, output } = await run(main, [...args, '--port', '0'])
  return {
    url,
    /** What it printed before it could be used. */
    output,
    stop() {
      child.kill('SIGINT')
      return exited
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
  return { child, exited, url, output }
}

/** The backends of one example: processes of this machine whose environment names its state folder. */
export async function backendsOf({
  state,
  stateMark = state,
}: Pick<ExampleProcess, 'state'> & { stateMark?: string }): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const isBackend = environment.includes('SESSION_BACKEND_ID=') && environment.includes(`=${stateMark}/`)
      return isBackend ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

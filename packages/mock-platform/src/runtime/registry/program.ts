import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SessionBackendError } from '@session-backend/core'
import { createToken } from '../../secrets.ts'
import type { Guardian } from '../guardian.ts'
import { whenFound } from '../listening.ts'
import { send } from '../process-tree.ts'

const PROGRAM = 'docker-registry'
/** How long it may take to start, in ms. */
const START_LIMIT = 30_000

/** A registry that runs. */
export interface RegistryProgram {
  /** Where it listens: in a folder that only this user can enter. */
  socketPath: string
  close(): Promise<void>
}

/**
 * Starts the program that keeps images. It asks for no sign-in, so it listens on a socket that is ours alone.
 *
 * @param storage Where to keep the images. Default: in a temporary folder.
 * @throws SessionBackendError `invalid_option` if the program is missing, with what to install.
 */
export async function startRegistryProgram(
  guardian: Guardian,
  storage: string | undefined,
): Promise<RegistryProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-registry-'))
  await guardian.discard(folder)
  const socketPath = join(folder, 'socket')
  const rootdirectory = storage ?? join(folder, 'images')
  await mkdir(rootdirectory, { recursive: true })
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory } },
    http: { net: 'unix', addr: socketPath, secret: createToken() },
  }
  // JSON is YAML too.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config), { mode: 0o600 })

  const child = spawn(PROGRAM, ['serve', join(folder, 'config.yml')], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new AbortController()
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve())
  }).then(() => ended.abort())
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2_000)
  })

  const close = async () => {
    if (child.pid !== undefined) {
      send(-child.pid, 'SIGKILL')
      await exited
      guardian.forget(child.pid)
    }
    await rm(folder, { recursive: true, force: true })
  }
  try {
    if (child.pid === undefined) await once(child, 'spawn')
    else await guardian.watch({ group: child.pid })
    const look = async () => (await opens(socketPath)) || undefined
    await whenFound(look, AbortSignal.any([ended.signal, AbortSignal.timeout(START_LIMIT)]))
    return { socketPath, close }
  } catch (cause) {
    await close()
    if (isMissing(cause)) {
      throw new SessionBackendError(
        'invalid_option',
        `registryPort needs the program ${PROGRAM}. Install it (on Debian and Ubuntu: apt-get install docker-registry).`,
        { cause },
      )
    }
    throw new Error(`${PROGRAM} did not start. ${errors}`, { cause })
  }
}

function opens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const answer = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

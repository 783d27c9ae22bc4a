import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson } from '@session-backend/core/internal'

/** A folder that no other platform can use. */
export interface FolderLock {
  /** The lock lasts until every process that holds this descriptor has closed it, or has ended. */
  descriptor: number
  /** Says in messages to others which platform this is. */
  tell(owner: Owner): Promise<void>
  release(): Promise<void>
}

/** Who has the lock, as the lock's file tells others. */
export interface Owner {
  pid: number
  /** Where its API is. Default: not yet known. */
  url?: string | undefined
  /** Whether it is about to end. */
  ending?: boolean | undefined
}

/** How long an owner that ends, or the guardian of one that was killed, may take, in ms. */
const PATIENCE = 15_000
const PAUSE = 20

/** macOS: open(2) locks the file itself, as flock(2) does. */
const O_EXLOCK = 0x20

/**
 * Locks a folder by a file in it. The lock is the kernel's (flock(2)): two that ask at once cannot both get
 * it, and it ends with the processes that hold it, however they end. No file has to be removed, and no age of
 * a file is guessed.
 *
 * @param path The lock's file.
 * @param folder What messages name.
 * @param patience How long an owner that ends may take, in ms.
 * @throws SessionBackendError `invalid_option` if another platform has the lock and is not about to end.
 */
export async function lockFolder(path: string, folder: string, patience = PATIENCE): Promise<FolderLock> {
  const deadline = performance.now() + patience
  for (;;) {
    const file = await tryLock(path)
    if (file) return held(file)
    const owner = await readOwner(path)
    const ending = owner === undefined || owner.ending === true || !runs(owner.pid)
    if (!ending || performance.now() > deadline) throw isTaken(folder, owner)
    await delay(PAUSE)
  }
}

async function held(file: FileHandle): Promise<FolderLock> {
  const tell = async (owner: Owner) => {
    const text = `${JSON.stringify(owner)}\n`
    // Longer than any text before it, and in one write: a reader sees no half of it.
    await file.write(text.padEnd(512), 0)
  }
  await tell({ pid: process.pid })
  return { descriptor: file.fd, tell, release: () => file.close() }
}

/** Opens and locks a file. Resolves to undefined if another process has locked it. */
async function tryLock(path: string): Promise<FileHandle | undefined> {
  const { O_RDWR, O_CREAT, O_NONBLOCK } = constants
  if (process.platform !== 'linux') {
    return open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_EXLOCK, 0o600).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK') return undefined
        throw error
      },
    )
  }
  const file = await open(path, O_RDWR | O_CREAT, 0o600)
  try {
    if (await flock(file.fd)) return file
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return undefined
}

/**
 * Node has no flock(2). The program of that name locks what the descriptor stands for, and we keep it open.
 */
async function flock(descriptor: number): Promise<boolean> {
  const program = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  const [code] = await once(program, 'exit').catch((cause: unknown) => {
    throw new SessionBackendError(
      'invalid_option',
      '`dataDir` needs the program `flock`, which cannot be run. Install it (on Debian and Ubuntu: apt-get install util-linux).',
      { cause },
    )
  })
  return code === 0
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const file = await open(path, constants.O_RDONLY)
  try {
    const owner = parseJson(await file.readFile('utf8'))
    if (!isRecord(owner) || typeof owner.pid !== 'number') return undefined
    const { pid, url, ending } = owner
    return { pid, url: typeof url === 'string' ? url : undefined, ending: ending === true }
  } finally {
    await file.close()
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user cannot be signalled, but runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isTaken(folder: string, owner: Owner | undefined): SessionBackendError {
  const who = owner
    ? `process ${owner.pid}${owner.url === undefined ? '' : `, ${owner.url}`}`
    : 'process unknown'
  return new SessionBackendError(
    'invalid_option',
    `Another platform is already running on the data folder ${folder} (${who}). Use that one, stop it, or give this one another folder.`,
  )
}

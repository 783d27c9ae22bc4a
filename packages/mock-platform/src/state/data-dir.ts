import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Guardian } from '../runtime/guardian.ts'
import { killLeftovers } from '../runtime/process-tree.ts'
import { createName } from '../secrets.ts'
import { lockFolder } from './folder-lock.ts'
import { type PlatformState, readState, StateFile } from './state-file.ts'

/** What outlives a platform: its guardian by a moment, and its state for good. */
export interface DataDir {
  /** Which platform this is: the same one again, if it has a folder. */
  identity: string
  guardian: Guardian
  /** What the platform before this one left behind. */
  previous: PlatformState
  /** Returns what makes the newest state durable. */
  keep(current: () => PlatformState): () => Promise<void>
  /** Tells platforms that want the same folder where this one is. */
  listensAt(url: string): Promise<void>
  /** Tells platforms that want the same folder to wait for the end of this one. */
  ending(): Promise<void>
  /** Ends the guardian, and lets another platform use the folder. */
  close(): Promise<void>
}

/** How long processes that were killed may take to end, in ms. */
const LEFTOVERS_LIMIT = 10_000

/**
 * Takes a folder into use, once nothing of the platform before is left there. Without one, nothing is kept.
 *
 * @throws SessionBackendError `invalid_option` if another platform uses the folder, or its state is damaged.
 */
export async function openDataDir(folder: string | undefined): Promise<DataDir> {
  if (folder === undefined) {
    const guardian = new Guardian()
    return {
      identity: createName(),
      guardian,
      previous: { fencingToken: 0, running: [] },
      keep: () => async () => {},
      listensAt: async () => {},
      ending: async () => {},
      close: () => guardian.close(),
    }
  }
  const path = resolve(folder)
  const statePath = join(path, 'state.json')
  await mkdir(path, { recursive: true })
  const lock = await lockFolder(join(path, 'lock'), path)
  const guardian = new Guardian(lock.descriptor)
  const close = async () => {
    await guardian.close()
    await lock.release()
  }
  try {
    const previous = await readState(statePath)
    await killLeftovers(previous.running, AbortSignal.timeout(LEFTOVERS_LIMIT))
    return {
      identity: createHash('sha256').update(path).digest('hex').slice(0, 16),
      guardian,
      previous,
      keep(current) {
        const file = new StateFile(statePath, current)
        return () => file.save()
      },
      listensAt: (url) => lock.tell({ pid: process.pid, url }),
      ending: () => lock.tell({ pid: process.pid, ending: true }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Guardian, takeOver } from '../runtime/guardian.ts'
import { createName } from '../secrets.ts'
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
}

/** Takes a folder into use, once nothing of the platform before is left there. Without one, nothing is kept. */
export async function openDataDir(folder: string | undefined): Promise<DataDir> {
  if (folder === undefined) {
    return {
      identity: createName(),
      guardian: new Guardian(),
      previous: { fencingToken: 0, running: [] },
      keep: () => async () => {},
    }
  }
  const path = resolve(folder)
  const statePath = join(path, 'state.json')
  await mkdir(path, { recursive: true })
  const guardian = await takeOver(join(path, 'guardian'))
  try {
    const previous = await readState(statePath)
    return {
      identity: createHash('sha256').update(path).digest('hex').slice(0, 16),
      guardian,
      previous,
      keep(current) {
        const file = new StateFile(statePath, current)
        return () => file.save()
      },
    }
  } catch (error) {
    await guardian.close()
    throw error
  }
}

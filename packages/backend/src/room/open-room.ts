import { SessionBackendError } from '@session-backend/core'
import { createBackoff, sleep, systemClock } from '@session-backend/core/internal'
import type { BackendAssignment } from '../assignment/assignment.ts'
import { createControlEndpoint } from '../control/endpoint.ts'
import type { Identity } from '../control/identity.ts'
import { type Cursors, type DocumentStorage, isOutdated, type Saved } from '../storage/document-storage.ts'
import { createHost } from './host.ts'
import type { Language } from './language.ts'
import type { RoomOptions } from './options.ts'
import { OpenRoom } from './room.ts'

const MAX_PAYLOAD = 1024 * 1024
/** How long the storage is tried before the backend gives up, in ms. The platform gives a start 30 s. */
const STORAGE_TIMEOUT = 20_000

export type Report = (error: unknown, doing: string) => void

/** What {@link openRoom} works with. */
export interface RoomSetting<State, Value, Data, Send, Broadcast> {
  assignment: BackendAssignment
  /** Where to listen. Default: on all interfaces. */
  address?: string
  identity: Identity | undefined
  language(stored: Cursors | undefined): Language<State, Data, Send, Broadcast>
  toValue(state: State): Value
  report: Report
  /** Ends the process: with 1 if something went wrong. */
  end(code: 0 | 1): Promise<void>
}

/**
 * Claims and reads the document, saves what opening it has changed, and lets pages in. The returned function
 * closes the room again, saved.
 */
export async function openRoom<State, Value, Data extends object, Send, Broadcast>(
  options: RoomOptions<State, Value, Data, Send, Broadcast>,
  setting: RoomSetting<State, Value, Data, Send, Broadcast>,
) {
  const { assignment, report } = setting
  const storage = typeof options.storage === 'function' ? options.storage(assignment) : options.storage
  const saved = storage && (await readSaved(storage, assignment, report))
  const state = await options.open(saved?.value, assignment)
  const language = setting.language(saved?.cursors)
  const room = new OpenRoom(options, { ...setting, storage, state, language })
  const host = createHost(
    options.maxPayload ?? MAX_PAYLOAD,
    (socket, request) => void room.enter(socket, request),
    createControlEndpoint(setting.identity, room, systemClock),
  )
  try {
    options.opened?.(room)
    // Pages keep what they get. The backend that follows a crash must have it too: it would create it again.
    await room.saveUntil(AbortSignal.timeout(STORAGE_TIMEOUT))
    room.port = await host.listen(assignment.port, setting.address)
  } catch (error) {
    room.abandon(error)
    throw error
  }
  return {
    room,
    async close(signal: AbortSignal): Promise<void> {
      host.close()
      await room.shutDown(signal)
    },
  }
}

async function readSaved<Value>(
  storage: DocumentStorage<Value>,
  { fencingToken = 0 }: BackendAssignment,
  report: Report,
): Promise<Saved<Value> | undefined> {
  const signal = AbortSignal.timeout(STORAGE_TIMEOUT)
  const backoff = createBackoff()
  for (;;) {
    try {
      return await storage.read(fencingToken, { signal })
    } catch (error) {
      // Damaged data stays damaged, so another attempt doesn't help.
      if (signal.aborted || isOutdated(error) || error instanceof SessionBackendError) throw error
      const wait = backoff.next()
      report(error, `reading the document (the next try is in ${Math.ceil(wait)} ms)`)
      await sleep(systemClock, wait, signal)
    }
  }
}

import type { BackendAssignment } from '../assignment/assignment.ts'
import type { Identity } from '../control/identity.ts'
import type { DocumentStorage } from '../storage/document-storage.ts'
import type { Language } from './language.ts'

/** What a room works with. */
export interface RoomParts<State, Value, Data, Send, Broadcast> {
  assignment: BackendAssignment
  identity: Identity | undefined
  storage: DocumentStorage<Value> | undefined
  state: State
  /** Returns the value to save. */
  toValue(state: State): Value
  language: Language<State, Data, Send, Broadcast>
  report(error: unknown, doing: string): void
  /** Ends the process: with 1 if something went wrong. */
  end(code: 0 | 1): Promise<void>
}

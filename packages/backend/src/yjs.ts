import type { Doc } from 'yjs'
import type { BackendAssignment } from './assignment/assignment.ts'
import type { Person } from './room/options.ts'
import type { RawSend } from './room/raw-language.ts'
import type { RawOptions } from './run-backend.ts'
import { YjsDocument } from './yjs/document.ts'

export type { YjsRoom } from './yjs/document.ts'

/** A pasted picture, or all edits of a long time offline. In bytes. */
const MAX_PAYLOAD = 16 * 1024 * 1024

/** Options of {@link yjs}: those of `runBackend`, except for those that the `Y.Doc` determines. */
export interface YjsOptions<Data extends object, Message = unknown>
  extends Omit<RawOptions<Doc, Uint8Array, Data, Message>, 'protocol' | 'message' | 'open' | 'save'> {
  /**
   * Called with the document as it was saved. Add the first content of a new document here. It is saved
   * before anybody can connect, so that a crash can't add it twice.
   */
  open?: ((doc: Doc, assignment: BackendAssignment) => void | Promise<void>) | undefined
  /**
   * Whether a person may change the document. The edits of anyone else are ignored. Default: everybody may.
   */
  mayEdit?: ((person: Person<Data, RawSend>) => boolean) | undefined
}

/**
 * Creates the options for a `runBackend` that serves a `Y.Doc`. It speaks y-websocket's protocol, including
 * awareness, and tells pages what is saved. The saved value is the document's history: a Yjs update, as
 * bytes.
 */
export function yjs<Data extends object, Message = unknown>(
  options: YjsOptions<Data, Message>,
): RawOptions<Doc, Uint8Array, Data, Message> & { save(doc: Doc): Uint8Array } {
  const { mayEdit = () => true, open, opened, connected, disconnected, saved, ...others } = options
  const document = new YjsDocument<Data>(mayEdit)
  const { doc } = document
  return {
    maxPayload: MAX_PAYLOAD,
    maxBuffered: MAX_PAYLOAD,
    ...others,
    async open(history, assignment) {
      await document.open(history, () => open?.(doc, assignment))
      return doc
    },
    opened(room) {
      document.passOn(room)
      opened?.(room)
    },
    save: () => document.save(),
    saved(room) {
      room.broadcast(document.saved())
      saved?.(room)
    },
    connected(room, person) {
      for (const frame of document.greeting()) person.send(frame)
      connected?.(room, person)
    },
    disconnected(room, person) {
      document.left(person)
      disconnected?.(room, person)
    },
    message: (room, person, frame) => document.receive(room, person, frame),
  }
}

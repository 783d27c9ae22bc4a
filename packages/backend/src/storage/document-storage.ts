import { SessionBackendError } from '@session-backend/core'

/**
 * How far the messages of each page have been applied. A storage keeps it as JSON next to the value, without
 * reading it.
 */
export type Cursors = { readonly [key: string]: unknown }

/** What a storage keeps of a document. The three belong together. */
export interface Saved<Value> {
  /** What the room's `save` returned. */
  readonly value: Value
  /** The fencing token of the backend that wrote it. */
  readonly token: number
  /** How far the messages of each page are in `value`. */
  readonly cursors: Cursors
}

/** Keeps a document. PROTOCOL.md: "Fencing". */
export interface DocumentStorage<Value> {
  /**
   * Claims the document for the owner of `token` and reads it, in one step. From then on, every lower token
   * is refused. Resolves to what was saved last, or `undefined` if nothing was saved.
   *
   * @throws `outdated_fencing_token` if a higher token has claimed the document.
   */
  read(token: number, options?: StorageCall): Promise<Saved<Value> | undefined>
  /**
   * Replaces what is stored, all or nothing. Resolves once it would survive a power failure. A backend never
   * calls it while an earlier call is running. `value` is the live document, so copy it (with
   * `JSON.stringify`, for example) before the first `await`.
   *
   * @throws `outdated_fencing_token` if a higher token has claimed the document. Nothing is written then.
   */
  write(saved: Saved<Value>, options?: StorageCall): Promise<void>
}

/** Options of each call of a {@link DocumentStorage}. */
export interface StorageCall {
  /**
   * Aborts when the call takes too long. A storage that can't stop a write must wait for its end before it
   * rejects.
   */
  signal?: AbortSignal | undefined
}

/**
 * Creates the error to throw when a storage is called with a lower token than the document's.
 *
 * @param own 0 if the backend has none.
 * @param current The document's token, if known.
 */
export function outdatedFencingToken(own: number, current: number | undefined): SessionBackendError {
  const owner = current === undefined ? 'a backend with a higher one' : `a backend with token ${current}`
  return new SessionBackendError(
    'outdated_fencing_token',
    own === 0
      ? `This process has no fencing token, and ${owner} owns this document. The platform gives each backend a token: open the document in your app. To run a backend by hand, give it another document.`
      : `Fencing token ${own} is outdated: ${owner} owns this document now.`,
  )
}

/** Whether an error says that another backend owns the document. */
export function isOutdated(error: unknown): boolean {
  return error instanceof SessionBackendError && error.code === 'outdated_fencing_token'
}

import { SessionBackendError } from '@session-backend/core'

/** How far the messages of each page have been applied. Opaque: storages keep it as JSON, next to the value. */
export type Cursors = { readonly [key: string]: unknown }

/** What is stored of a document, always all three together. */
export interface Saved<Value> {
  readonly value: Value
  /** The fencing token of the backend that wrote it. */
  readonly token: number
  readonly cursors: Cursors
}

/**
 * Where a document is kept. PROTOCOL.md: "Fencing".
 */
export interface DocumentStorage<Value> {
  /**
   * Claims the document for the owner of `token`, in one step with reading it: from then on, every lower token is
   * refused. Resolves to what was saved last; `undefined` if nothing ever was.
   *
   * @throws `outdated_fencing_token` if a higher token has claimed the document.
   */
  read(token: number, options?: StorageCall): Promise<Saved<Value> | undefined>
  /**
   * Replaces what is stored, all or nothing, and resolves once it would survive the loss of power. Called by one owner
   * at a time. `value` is the live document: take what you write from it (`JSON.stringify`, for example) before
   * the first `await`.
   *
   * @throws `outdated_fencing_token` if a higher token has claimed the document; nothing is written then.
   */
  write(saved: Saved<Value>, options?: StorageCall): Promise<void>
}

/** Options of each call of a {@link DocumentStorage}. */
export interface StorageCall {
  /** Aborts when the call takes too long. A storage that can't stop a write must reject only once it is over. */
  signal?: AbortSignal | undefined
}

/** The error of a storage that was called with a token lower than the document's. */
export function outdatedFencingToken(own: number, current: number | undefined): SessionBackendError {
  const owner = current === undefined ? 'a backend with a higher one' : `a backend with token ${current}`
  return new SessionBackendError(
    'outdated_fencing_token',
    `Fencing token ${own} is outdated: ${owner} owns this document now.`,
  )
}

/** Whether an error says that another backend owns the document. */
export function isOutdated(error: unknown): boolean {
  return error instanceof SessionBackendError && error.code === 'outdated_fencing_token'
}

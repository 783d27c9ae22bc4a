import { type LazyAbort, LazyAbortController } from '../common/lazy-abort.ts'

/** What is used of an answer, of HTTP/1 or of HTTP/2. */
interface Closable {
  readonly closed?: boolean
  /** Of HTTP/2, where only it tells that it is closed. */
  readonly stream?: { readonly closed: boolean }
  readonly writableEnded: boolean
  on(event: 'close', listener: () => void): unknown
}

/** Aborts when the connection of a Node request, or its HTTP/2 stream, ends before the answer does. */
export function nodeAbort(response: Closable): LazyAbort {
  const abort = new LazyAbortController()
  const closed = () => {
    if (!response.writableEnded) abort.abort()
  }
  // The client may have left while earlier middleware was at work.
  if (isClosed(response)) closed()
  else response.on('close', closed)
  return abort
}

export function isClosed({ closed, stream }: Closable): boolean {
  return closed === true || stream?.closed === true
}

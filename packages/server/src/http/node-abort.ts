import { type LazyAbort, LazyAbortController } from '../common/lazy-abort.ts'

/** The part of an HTTP/1 or HTTP/2 response that is used here. */
interface Closable {
  readonly closed?: boolean
  /** In HTTP/2, only the stream tells that the answer is closed. */
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

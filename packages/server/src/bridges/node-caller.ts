import { type Caller, LeavingCaller } from '../caller.ts'

/** What is used of an answer, of HTTP/1 or of HTTP/2. */
interface Closable {
  readonly closed?: boolean
  /** Of HTTP/2, where only it tells that it is closed. */
  readonly stream?: { readonly closed: boolean }
  readonly writableEnded: boolean
  on(event: 'close', listener: () => void): unknown
}

/** The client of a Node request: it leaves when its connection, or its HTTP/2 stream, ends before the answer. */
export function nodeCaller(response: Closable): Caller {
  const caller = new LeavingCaller()
  const closed = () => {
    if (!response.writableEnded) caller.leave()
  }
  // It may have left while earlier middleware was at work.
  if (response.closed || response.stream?.closed) closed()
  else response.on('close', closed)
  return caller
}

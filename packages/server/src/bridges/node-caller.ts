import type { Caller } from '../caller.ts'

/** What is used of an answer, of HTTP/1 or of HTTP/2. */
interface Closable {
  readonly closed?: boolean
  readonly writableEnded: boolean
  once(event: 'close', listener: () => void): unknown
}

/** The client of a Node request: it has left when its connection, or its HTTP/2 stream, ends before the answer. */
export class NodeCaller implements Caller {
  readonly #listeners = new Set<() => void>()
  #left = false
  #controller: AbortController | undefined

  constructor(response: Closable) {
    const closed = () => {
      if (response.writableEnded) return
      this.#left = true
      for (const listener of this.#listeners) listener()
    }
    // It may have left while earlier middleware was at work.
    if (response.closed) closed()
    else response.once('close', closed)
  }

  get left(): boolean {
    return this.#left
  }

  onLeave(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.#left) controller.abort()
    else this.onLeave(() => controller.abort())
    return controller.signal
  }
}

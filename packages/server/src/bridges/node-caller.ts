import type { ServerResponse } from 'node:http'
import type { Caller } from '../caller.ts'

/** The client of a Node request: it has left when its connection ends before it has the answer. */
export class NodeCaller implements Caller {
  readonly #response: ServerResponse
  #controller: AbortController | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** It may have left while earlier middleware was at work. */
  get left(): boolean {
    return this.#response.closed && !this.#response.writableFinished
  }

  onLeave(listener: () => void): () => void {
    const response = this.#response
    const closed = () => {
      if (this.left) listener()
    }
    response.once('close', closed)
    return () => response.off('close', closed)
  }

  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.left) controller.abort()
    else this.onLeave(() => controller.abort())
    return controller.signal
  }
}

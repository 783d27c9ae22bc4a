/** Who waits for an answer, and may leave before it comes. */
export interface Caller {
  readonly left: boolean
  /** Calls `listener` once when the caller leaves, if it has not left before; returns what stops that. */
  onLeave(listener: () => void): () => void
  /** The same as a signal. Made when it is asked for: for a short request, that would be much of what it costs. */
  readonly signal: AbortSignal
}

/** The caller that a signal stands for. */
export function callerOf(signal: AbortSignal): Caller {
  return {
    signal,
    get left() {
      return signal.aborted
    },
    onLeave(listener) {
      signal.addEventListener('abort', listener, { once: true })
      return () => signal.removeEventListener('abort', listener)
    },
  }
}

/** Who waits for something, and may leave before it comes. */
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

/** A caller that leaves when it is told to. */
export interface LeavingCaller extends Caller {
  leave(): void
}

export function leavingCaller(): LeavingCaller {
  const listeners = new Set<() => void>()
  let left = false
  let controller: AbortController | undefined
  return {
    get left() {
      return left
    },
    get signal() {
      controller ??= new AbortController()
      if (left) controller.abort()
      return controller.signal
    },
    onLeave(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    leave() {
      left = true
      controller?.abort()
      for (const listener of listeners) listener()
    },
  }
}

/** Who waits for a call: a caller may stand in for the options with its signal, which then need not be made. */
export function callerIn(options: { signal?: AbortSignal | undefined }): Caller | undefined {
  if (isCaller(options)) return options
  return options.signal && callerOf(options.signal)
}

function isCaller(options: object): options is Caller {
  return 'onLeave' in options
}

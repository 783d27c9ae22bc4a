import type { CallOptions } from './platform.ts'

/**
 * An AbortSignal that is created when it is first read. Most requests end without one, and creating one is
 * much of the cost of a short request.
 */
export interface LazyAbort {
  readonly aborted: boolean
  /** Calls `listener` once at the abort, if it is still to come. Returns what stops that. */
  onAbort(listener: () => void): () => void
  readonly signal: AbortSignal
}

/** The {@link LazyAbort} of an existing signal. */
export function abortOf(signal: AbortSignal): LazyAbort {
  return {
    signal,
    get aborted() {
      return signal.aborted
    },
    onAbort(listener) {
      signal.addEventListener('abort', listener, { once: true })
      return () => signal.removeEventListener('abort', listener)
    },
  }
}

/** What an AbortController is to an AbortSignal. */
export class LazyAbortController implements LazyAbort {
  #aborted = false
  /** Nearly always at most one. */
  #listeners: readonly (() => void)[] = []
  #controller: AbortController | undefined

  get aborted(): boolean {
    return this.#aborted
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort()
    return this.#controller.signal
  }

  onAbort(listener: () => void): () => void {
    this.#listeners = this.#listeners.concat(listener)
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  abort(): void {
    this.#aborted = true
    this.#controller?.abort()
    for (const listener of this.#listeners) listener()
  }
}

/** The result of work that goes on after an abort; rejects with the signal's reason at that moment. */
export function untilAborted<T>(work: Promise<T>, abort: LazyAbort): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = abort.onAbort(() => reject(abort.signal.reason))
    work.then(resolve, reject).finally(stop)
  })
}

/** Which options stand for which abort. A copy of them is not listed: its signal may be another. */
const ABORTS = new WeakMap<CallOptions, LazyAbort>()

/**
 * The options of a platform's call. Our own platforms find the abort by {@link abortIn}; others read the
 * signal.
 */
export function callOptions(abort: LazyAbort): CallOptions {
  const options = {
    get signal() {
      return abort.signal
    },
  }
  ABORTS.set(options, abort)
  return options
}

/** What aborts a call with these options. */
export function abortIn(options: CallOptions): LazyAbort | undefined {
  return ABORTS.get(options) ?? (options.signal && abortOf(options.signal))
}

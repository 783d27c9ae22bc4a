import type { CallOptions } from './platform.ts'

/** Who waits for something, and may leave before it comes. */
export interface Caller {
  readonly left: boolean
  /** Calls `listener` when the caller leaves, if it has not left before, and `offLeave` is not called first. */
  onLeave(listener: () => void): void
  offLeave(listener: () => void): void
  /** The same as a signal. Made when it is asked for: for a short request, that would be much of what it costs. */
  readonly signal: AbortSignal
  /** Whether somebody has asked for the signal, or it was there from the first. */
  readonly hasSignal: boolean
}

/** The caller that a signal stands for. */
export function callerOf(signal: AbortSignal): Caller {
  return {
    signal,
    hasSignal: true,
    get left() {
      return signal.aborted
    },
    onLeave: (listener) => signal.addEventListener('abort', listener, { once: true }),
    offLeave: (listener) => signal.removeEventListener('abort', listener),
  }
}

/** A caller that leaves when it is told to. */
export class LeavingCaller implements Caller {
  #left = false
  /** Hardly ever more than one. */
  #listeners: readonly (() => void)[] = []
  #controller: AbortController | undefined

  get left(): boolean {
    return this.#left
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#left) this.#controller.abort()
    return this.#controller.signal
  }

  get hasSignal(): boolean {
    return this.#controller !== undefined
  }

  onLeave(listener: () => void): void {
    this.#listeners = this.#listeners.concat(listener)
  }

  offLeave(listener: () => void): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener)
  }

  leave(): void {
    this.#left = true
    this.#controller?.abort()
    for (const listener of this.#listeners) listener()
  }
}

/** The result of some work that goes on when its caller leaves; rejects with the signal's reason at that moment. */
export function untilLeft<T>(work: Promise<T>, caller: Caller): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(caller.signal.reason)
    caller.onLeave(leave)
    work.then(resolve, reject).finally(() => caller.offLeave(leave))
  })
}

/** The options of a call, as our own platforms take them: from a caller, no signal need be made. */
export interface CallerOptions extends CallOptions {
  caller?: Caller | undefined
}

/** The options of a call that is made for a caller. They can be copied. */
export function optionsFor(caller: Caller): CallerOptions {
  return {
    caller,
    get signal() {
      return caller.signal
    },
  }
}

/**
 * Who waits for a call. In a copy of a caller's options the signal may be another, with a deadline for instance: then it
 * counts. To copy them is to ask for the signal, so what has none yet is no copy.
 */
export function callerIn(options: CallerOptions): Caller | undefined {
  const { caller } = options
  if (caller && (!caller.hasSignal || options.signal === caller.signal)) return caller
  return options.signal && callerOf(options.signal)
}

import type { Clock } from '@session-backend/core'
import { createBackoff, systemClock } from '@session-backend/core/internal'
import { isOutdated } from '../storage/document-storage.ts'

/** When changes are saved, in ms. */
export interface AutosaveTimes {
  /** Saves after this time without a change. Default 200. */
  delay?: number | undefined
  /** Saves at the latest this long after the first unsaved change. Default 1,000. */
  maxDelay?: number | undefined
}

/** Options of {@link Autosave}. */
export interface AutosaveOptions extends AutosaveTimes {
  /** Saves the current state. */
  write(signal: AbortSignal): Promise<void>
  /** Called with each save that failed, with the ms until it is tried again. */
  onFailure(error: unknown, wait: number): void
  /** Called when another backend owns the document: nothing is saved from then on. */
  onOutdated(error: unknown): void
  clock?: Clock | undefined
}

/** How long one save may take before it is told to stop, in ms. */
const WRITE_TIMEOUT = 30_000

/** Saves when something has changed: one save at a time, and again after one that failed. */
export class Autosave {
  readonly #options: AutosaveOptions & { delay: number; maxDelay: number; clock: Clock }
  readonly #backoff = createBackoff()
  /** Counts changes: what a save covers is known by the count when it began. */
  #changes = 0
  #saved = 0
  /** When the first change that isn't saved happened. */
  #unsavedSince: number | undefined
  #cancelTimer = () => {}
  /** Whether the last save failed: the next one has its time, however much changes until then. */
  #failing = false
  #running: Promise<void> | undefined
  #ended: { error: unknown } | undefined
  readonly #waiting = new Set<{ changes: number; resolve: () => void; reject: (error: unknown) => void }>()

  constructor(options: AutosaveOptions) {
    const { delay = 200, maxDelay = 1_000, clock = systemClock } = options
    this.#options = { ...options, delay, maxDelay, clock }
  }

  /** Since when something is not saved, in ms since the epoch; `undefined` if all is. */
  get unsavedSince(): number | undefined {
    return this.#unsavedSince
  }

  /** Something has changed. */
  changed(): void {
    if (this.#ended) return
    this.#changes += 1
    const { delay, maxDelay, clock } = this.#options
    const now = clock.now()
    this.#unsavedSince ??= now
    if (this.#running || this.#failing) return
    this.#startIn(Math.min(delay, this.#unsavedSince + maxDelay - now))
  }

  /** Saves now. Resolves when all that has changed is saved; rejects when it won't be any more. */
  save(): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended.error)
    if (this.#saved === this.#changes) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiting.add({ changes: this.#changes, resolve, reject })
      this.#startIn(0)
    })
  }

  /** Saves nothing more. A save that is under way is not waited for. */
  end(error: unknown): void {
    if (this.#ended) return
    this.#ended = { error }
    this.#cancelTimer()
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  #startIn(ms: number): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.after(Math.max(ms, 0), () => {
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    })
  }

  /** One save. What changes during it, or failed, is saved by the next one. */
  async #run(): Promise<void> {
    const { write, clock, delay, onFailure, onOutdated } = this.#options
    const changes = this.#changes
    const began = clock.now()
    const timeout = new AbortController()
    const cancel = clock.after(WRITE_TIMEOUT, () =>
      timeout.abort(new Error(`Saving took longer than ${WRITE_TIMEOUT} ms.`)),
    )
    try {
      await write(timeout.signal)
      this.#onSaved(changes, began)
      if (this.#changes > changes) queueMicrotask(() => this.#startIn(this.#waiting.size > 0 ? 0 : delay))
    } catch (error) {
      if (this.#ended) return
      if (isOutdated(error)) {
        this.end(error)
        onOutdated(error)
        return
      }
      this.#failing = true
      const wait = this.#backoff.next()
      onFailure(error, wait)
      queueMicrotask(() => this.#startIn(wait))
    } finally {
      cancel()
    }
  }

  #onSaved(changes: number, began: number): void {
    this.#saved = changes
    this.#failing = false
    this.#backoff.reset()
    this.#unsavedSince = this.#changes > changes ? began : undefined
    for (const each of this.#waiting) {
      if (each.changes > changes) continue
      this.#waiting.delete(each)
      each.resolve()
    }
  }
}

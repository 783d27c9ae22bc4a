import { type Clock, type Session, SessionBackendError } from '@session-backend/core'
import type { StoreOptions } from './options.ts'
import type { SessionActions, UseSessionBackendResult } from './result.ts'
import { runSession } from './run.ts'
import { createSessionView, isPassing } from './view.ts'

/**
 * How long a session outlives its last subscriber, in ms: StrictMode and a page left for a moment find it
 * again.
 */
const LINGER = 200
/** How long a preloaded session waits for its first subscriber, in ms. */
const PRELOADED_FOR = 30_000
/** After how many ms a session is overdue. */
const OVERDUE_AFTER = 5000

/** Options of a store. */
export interface StoreParts {
  documentId: string
  clock: Clock
  random: () => number
  /** A session that the server has requested already. */
  initialSession?: Session | undefined
  /** Called after each change, and when the store has opened or closed. */
  onChange?: () => void
}

/** The session of one document, shared by all who show it. No part of it knows React. */
export interface SessionStore<C> {
  getSnapshot(): UseSessionBackendResult<C>
  /**
   * The first subscriber opens the session; it closes soon after the last one has left, once everything is
   * saved, and can be opened again. `options` are read for every request and connection, from the first
   * subscriber that is left.
   */
  subscribe(listener: () => void, options: () => StoreOptions<C>): () => void
  /**
   * Opens the session without a subscriber, but doesn't connect: a subscriber that comes within 30 s goes on
   * from there. Otherwise it closes, as it does at once when it fails.
   */
  preload(options: () => StoreOptions<C>): void
  /** Whether it has a subscriber, had one a moment ago, or is preloaded. */
  isOpen(): boolean
}

/** Does no I/O before the first `subscribe`. */
export function createSessionStore<C>(parts: StoreParts): SessionStore<C> {
  const { documentId, clock, random, onChange = () => {} } = parts
  const subscribers = new Set<{ listener: () => void; options: () => StoreOptions<C> }>()
  const actions: SessionActions = {
    retry() {
      if (view.getSnapshot().phase !== 'connected') actions.reconnect()
    },
    reconnect() {
      if (!opened) return
      view.forgetUrl()
      start()
    },
    disconnect() {
      if (!opened) return
      run.abort()
      end()
    },
  }
  const newView = (initialSession?: Session) =>
    createSessionView<C>({ actions, clock, onChange: notify, initialSession })
  let { initialSession } = parts
  let view = newView(initialSession)
  /** Aborts when the session is closed, which removes the listeners for the page's events. */
  let opened: AbortController | undefined
  let run = new AbortController()
  let options: () => StoreOptions<C>
  /** Whether it has had no subscriber since it was opened. */
  let isPreload = false
  /** Lets a preloaded session connect. */
  let goOn = () => {}
  let cancelClose = () => {}
  /** Whether it closes once everything is saved. */
  let isLeft = false
  let cancelOverdue: (() => void) | undefined

  function takeOptions() {
    const [first] = subscribers
    if (first) options = first.options
  }

  function notify() {
    watchOverdue()
    if (isLeft) leave()
    for (const { listener } of subscribers) listener()
    onChange()
  }

  function hasUnsaved() {
    return (view.getSnapshot().unsaved?.count ?? 0) > 0
  }

  /** Closes once everything is saved, or at once if that won't be. */
  function leave() {
    const { phase } = view.getSnapshot()
    isLeft = hasUnsaved() && phase !== 'failed' && phase !== 'ended'
    if (!isLeft) close()
  }

  /** Tells once that the session has been opening or reconnecting for long. */
  function watchOverdue() {
    if (!opened || isPreload || !isPassing(view.getSnapshot())) {
      cancelOverdue?.()
      cancelOverdue = undefined
      return
    }
    if (!cancelOverdue) showOverdueAfter(options().overdueAfter ?? OVERDUE_AFTER)
  }

  function showOverdueAfter(ms: number, waited = 0) {
    cancelOverdue = clock.after(ms - waited, () => {
      const { phase, typicalStart } = view.getSnapshot()
      // A start isn't late while 1 of 10 starts takes longer.
      if (phase === 'waiting' && typicalStart && typicalStart.p90 > ms) {
        return showOverdueAfter(typicalStart.p90, ms)
      }
      view.showOverdue()
      for (const { options } of [...subscribers]) options().onOverdue?.(view.getSnapshot())
    })
  }

  function start(session?: Session) {
    run.abort()
    run = new AbortController()
    const { signal } = run
    watchOverdue()
    runSession(
      {
        documentId,
        clock,
        random,
        options: () => options(),
        listeners: () => [...subscribers].flatMap(({ options }) => options().onMessage ?? []),
        view,
        subscribed: async () => {
          if (isPreload) await new Promise<void>((resolve) => (goOn = resolve))
        },
        closed: opened?.signal ?? signal,
        signal,
      },
      session,
    ).catch((cause) => {
      if (signal.aborted) return
      run.abort()
      if (isPreload) return close()
      end(
        cause instanceof SessionBackendError
          ? cause
          : new SessionBackendError('internal', 'The session failed: see the cause.', { cause }),
      )
    })
  }

  function end(error?: SessionBackendError) {
    view.forgetUrl()
    if (error && error.code !== 'backend_ended') view.show({ phase: 'failed', connection: undefined, error })
    else view.show({ phase: 'ended', connection: undefined, error })
  }

  function open() {
    opened = new AbortController()
    const { signal } = opened
    if (globalThis.document) {
      // A page in the back/forward cache holds nothing open: its backend would wait for it, and its users see
      // a ghost.
      let isPaused = false
      addEventListener(
        'pagehide',
        ({ persisted }) => {
          isPaused = persisted && !run.signal.aborted
          if (isPaused) run.abort()
        },
        { signal },
      )
      addEventListener('pageshow', () => isPaused && actions.reconnect(), { signal })
    }
    start(initialSession)
    onChange()
  }

  function close() {
    cancelClose()
    isPreload = false
    isLeft = false
    run.abort()
    opened?.abort()
    opened = undefined
    watchOverdue()
    // Opened again, it asks the route: the server's session may be gone by then.
    initialSession = undefined
    view = newView()
    onChange()
  }

  return {
    getSnapshot: () => view.getSnapshot(),
    isOpen: () => opened !== undefined,
    preload(newOptions) {
      if (opened && !isPreload) return
      cancelClose()
      cancelClose = clock.after(PRELOADED_FOR, close)
      if (opened) return
      isPreload = true
      options = newOptions
      open()
    },
    subscribe(listener, newOptions) {
      cancelClose()
      isLeft = false
      const subscriber = { listener, options: newOptions }
      subscribers.add(subscriber)
      takeOptions()
      if (!opened) open()
      else if (isPreload) {
        isPreload = false
        watchOverdue()
        goOn()
      }
      return () => {
        subscribers.delete(subscriber)
        takeOptions()
        if (subscribers.size === 0) cancelClose = clock.after(LINGER, leave)
      }
    },
  }
}

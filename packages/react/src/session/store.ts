import type { Clock, Session } from '@session-backend/core'
import { openSession, type StartedSession } from './open-session.ts'
import type { StoreOptions } from './options.ts'
import { createOverdueWatch } from './overdue.ts'
import type { SessionActions, UseSessionBackendResult } from './result.ts'
import { createSessionView, isOver, type SessionView } from './view.ts'

/**
 * How long a session outlives its last subscriber, in ms: StrictMode and a page left for a moment find it
 * again.
 */
const LINGER = 200
/** How long a preloaded session waits for its first subscriber, in ms. */
const PRELOADED_FOR = 30_000

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

interface Subscriber<C> {
  listener: () => void
  options: () => StoreOptions<C>
}

/** Does no I/O before the first `subscribe`. */
export function createSessionStore<C>(parts: StoreParts): SessionStore<C> {
  const { documentId, clock, random, onChange = () => {} } = parts
  const subscribers = new Set<Subscriber<C>>()
  const actions: SessionActions = {
    retry: () => view.getSnapshot().phase !== 'connected' && session?.start(),
    reconnect: () => session?.start(),
    disconnect: () => session?.end(),
  }
  let { initialSession } = parts
  let view = newView()
  let session: StartedSession | undefined
  let options: () => StoreOptions<C>
  /** Whether it has had no subscriber since it was opened. */
  let isPreload = false
  /** Whether it closes once everything is saved. */
  let isLeft = false
  /** Lets a preloaded session connect. */
  let goOn = () => {}
  let cancelClose = () => {}
  const watchOverdue = createOverdueWatch(
    clock,
    () => view.getSnapshot(),
    () => {
      view.showOverdue()
      for (const { options } of [...subscribers]) options().onOverdue?.(view.getSnapshot())
    },
  )

  function newView(): SessionView<C> {
    return createSessionView({ actions, clock, onChange: notify, initialSession })
  }

  function notify() {
    checkOverdue()
    if (isLeft) leave()
    else if (isPreload && isOver(view.getSnapshot())) close()
    for (const { listener } of subscribers) listener()
    onChange()
  }

  function checkOverdue() {
    watchOverdue(session && !isPreload ? options() : undefined)
  }

  function takeOptions() {
    const [first] = subscribers
    if (first) options = first.options
  }

  function open() {
    session = openSession({
      documentId,
      clock,
      random,
      view,
      options: () => options(),
      listeners: () => [...subscribers].flatMap(({ options }) => options().onMessage ?? []),
      subscribed: async () => {
        if (isPreload) await new Promise<void>((resolve) => (goOn = resolve))
      },
    })
    session.start(initialSession)
    checkOverdue()
    onChange()
  }

  /** Closes once everything is saved, or at once if that won't be. */
  function leave() {
    const snapshot = view.getSnapshot()
    isLeft = !isOver(snapshot) && (snapshot.unsaved?.count ?? 0) > 0
    if (!isLeft) close()
  }

  function close() {
    cancelClose()
    session?.close()
    session = undefined
    isPreload = isLeft = false
    checkOverdue()
    // Opened again, it asks the route: the server's session may be gone by then.
    initialSession = undefined
    view = newView()
    onChange()
  }

  return {
    getSnapshot: () => view.getSnapshot(),
    isOpen: () => session !== undefined,
    preload(newOptions) {
      if (session && !isPreload) return
      cancelClose()
      cancelClose = clock.after(PRELOADED_FOR, close)
      if (session) return
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
      if (!session) open()
      else if (isPreload) {
        isPreload = false
        checkOverdue()
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

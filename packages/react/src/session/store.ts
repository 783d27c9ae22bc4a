import { type Session, SessionBackendError } from '@session-backend/core'
import type { StoreOptions } from './options.ts'
import type { SessionActions, UseSessionBackendResult } from './result.ts'
import { runSession } from './run.ts'
import { createSessionView } from './view.ts'

/** How long a session outlives its last subscriber, in ms: StrictMode and a page left for a moment find it again. */
const LINGER = 200

/** What a store is made of. */
export interface StoreParts {
  documentId: string
  /** A session that the server has requested already. */
  initialSession?: Session | undefined
  /** Called after each change, and when the store has opened or closed. */
  onChange?: () => void
}

/** The session of one document, shared by all who show it. No part of it knows React. */
export interface SessionStore<C> {
  getSnapshot(): UseSessionBackendResult<C>
  /**
   * The first subscriber opens the session; it closes soon after the last one has left, and can be opened
   * again. `options` are read for every request and connection, from the first subscriber that is left.
   */
  subscribe(listener: () => void, options: () => StoreOptions<C>): () => void
  /** Whether it has a subscriber, or had one a moment ago. */
  isOpen(): boolean
}

/** Does no I/O before the first `subscribe`. */
export function createSessionStore<C>(parts: StoreParts): SessionStore<C> {
  const { documentId, onChange = () => {} } = parts
  let { initialSession } = parts
  const subscribers = new Set<{ listener: () => void; options: () => StoreOptions<C> }>()
  const actions: SessionActions = {
    retry() {
      if (view.getSnapshot().phase !== 'connected') actions.reconnect()
    },
    reconnect() {
      if (!run) return
      view.forgetUrl()
      start()
    },
    disconnect() {
      if (!run) return
      run.abort()
      end()
    },
  }
  let view = createSessionView<C>(actions, notify, initialSession)
  let run: AbortController | undefined
  let options: () => StoreOptions<C>
  let cancelClose = () => {}

  function takeOptions() {
    const [first] = subscribers
    if (first) options = first.options
  }

  function notify() {
    for (const { listener } of subscribers) listener()
    onChange()
  }

  function start(session?: Session) {
    run?.abort()
    run = new AbortController()
    const { signal } = run
    runSession({ documentId, options: () => options(), view, signal }, session).catch((cause) => {
      if (signal.aborted) return
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

  function close() {
    run?.abort()
    run = undefined
    // Opened again, it asks the route: the server's session may be gone by then.
    initialSession = undefined
    view = createSessionView(actions, notify)
    onChange()
  }

  return {
    getSnapshot: () => view.getSnapshot(),
    isOpen: () => run !== undefined,
    subscribe(listener, newOptions) {
      cancelClose()
      const subscriber = { listener, options: newOptions }
      subscribers.add(subscriber)
      takeOptions()
      if (!run) {
        start(initialSession)
        onChange()
      }
      return () => {
        subscribers.delete(subscriber)
        takeOptions()
        if (subscribers.size === 0) cancelClose = options().clock.after(LINGER, close)
      }
    },
  }
}

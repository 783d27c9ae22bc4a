import { type Session, SessionBackendError } from '@session-backend/core'
import type { SessionActions, SessionBackend, StoreOptions } from './session.ts'
import { runSession } from './session-run.ts'
import type { SessionView } from './session-view.ts'

/** How long a session outlives its last subscriber, in ms: StrictMode and a page left for a moment find it again. */
const LINGER = 200

/** What a store is made of. */
export interface StoreParts<C> {
  documentId: string
  /** Read anew for every request and connection. */
  options: () => StoreOptions<C>
  view: SessionView<C>
  /** A session that the server has requested already. */
  initialSession?: Session | undefined
  /** Called when the store has closed, for good. */
  onClosed: () => void
}

/** The session of one document, for all that look at it. */
export interface SessionStore<C> extends SessionActions {
  getSnapshot(): SessionBackend<C>
  /** The first subscriber opens the session; it closes soon after the last one has left. */
  subscribe(listener: () => void): () => void
}

/** Does no I/O before the first `subscribe`. */
export function createSessionStore<C>(parts: StoreParts<C>): SessionStore<C> {
  const { documentId, options, view, initialSession, onClosed } = parts
  const listeners = new Set<() => void>()
  let run: AbortController | undefined
  let cancelClose = () => {}

  view.onChange = () => {
    for (const listener of listeners) listener()
  }

  function start(session?: Session) {
    run?.abort()
    run = new AbortController()
    const { signal } = run
    runSession({ documentId, options, view, signal }, session).catch((error) => {
      if (signal.aborted) return
      const known =
        error instanceof SessionBackendError
          ? error
          : new SessionBackendError('internal', 'The session failed.', { cause: error })
      if (known.code === 'backend_ended') view.ended(known)
      else view.failed(known)
    })
  }

  function reconnect() {
    view.forgetUrl()
    view.step('requesting', undefined)
    start()
  }

  return {
    getSnapshot: view.getSnapshot,
    subscribe(listener) {
      cancelClose()
      listeners.add(listener)
      if (!run) start(initialSession)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        cancelClose = options().clock.after(LINGER, () => {
          run?.abort()
          onClosed()
        })
      }
    },
    reconnect,
    retry() {
      if (view.getSnapshot().phase !== 'connected') reconnect()
    },
    disconnect() {
      run?.abort()
      view.forgetUrl()
      view.ended()
    },
  }
}

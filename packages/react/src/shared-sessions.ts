import type { Session } from '@session-backend/core'
import type { SessionActions, SessionBackend, StoreOptions } from './session.ts'
import { createSessionStore, type SessionStore } from './session-store.ts'
import { createSessionView } from './session-view.ts'

/** The sessions that are open below one provider, by endpoint and document. */
export type SharedSessions = Map<string, SessionStore<unknown>>

/** One component's way to the session of its document, which it shares with all others on that document. */
export interface SessionHandle {
  /** Opens the session, or joins it. */
  subscribe(listener: () => void): () => void
  getSnapshot(): SessionBackend<unknown>
  getServerSnapshot(): SessionBackend<unknown>
}

/** What a {@link SessionHandle} is made of. */
export interface HandleParts {
  sessions: SharedSessions
  endpoint: string
  documentId: string
  /** Read anew for every request and connection. */
  options: () => StoreOptions<unknown>
  /** A session that the server has requested already. */
  initialSession: Session | undefined
}

/** Does no I/O and leaves nothing behind until it is subscribed to, so it may be called while rendering. */
export function createSessionHandle(parts: HandleParts): SessionHandle {
  const { sessions, endpoint, documentId, options } = parts
  let { initialSession } = parts
  const key = `${endpoint}/${encodeURIComponent(documentId)}`
  const actions: SessionActions = {
    retry: () => sessions.get(key)?.retry(),
    disconnect: () => sessions.get(key)?.disconnect(),
    reconnect: () => sessions.get(key)?.reconnect(),
  }
  const atFirst = createSessionView<unknown>(actions, initialSession)
  let view = atFirst

  function open(): SessionStore<unknown> {
    const store = createSessionStore({
      documentId,
      options,
      view,
      initialSession,
      onClosed() {
        sessions.delete(key)
        // Opened again, it asks anew: what the server had requested may be gone by then.
        view = createSessionView(actions)
        initialSession = undefined
      },
    })
    sessions.set(key, store)
    return store
  }

  return {
    subscribe: (listener) => (sessions.get(key) ?? open()).subscribe(listener),
    getSnapshot: () => sessions.get(key)?.getSnapshot() ?? view.getSnapshot(),
    getServerSnapshot: atFirst.getSnapshot,
  }
}

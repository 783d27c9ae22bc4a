import type { Clock, Session } from '@session-backend/core'
import { withoutEndSlash } from '../route/request-session.ts'
import type { StoreOptions } from './options.ts'
import type { UseSessionBackendResult } from './result.ts'
import { createSessionStore, type SessionStore } from './store.ts'
import { idleSession } from './view.ts'

/** The sessions that are open below one provider. */
export interface SharedSessions {
  /** By endpoint and document. */
  stores: {
    get(key: string): SessionStore<unknown> | undefined
    set(key: string, store: SessionStore<unknown>): void
    delete(key: string): void
  }
  /** Called after each change of any session, for components that show one without opening it. */
  watchers: Set<() => void>
}

export function createSharedSessions(): SharedSessions {
  return { stores: new Map(), watchers: new Set() }
}

/** The name of a session among the {@link SharedSessions}: no endpoint has a line break. */
export function sessionKey(endpoint: string, documentId: string): string {
  return `${withoutEndSlash(endpoint)}\n${documentId}`
}

/**
 * One component's handle of its document's session, which it shares with all other components of that
 * document.
 */
export interface SessionHandle {
  /** To be called before `subscribe` and `preload`; read again for every request and connection. */
  setOptions(options: StoreOptions<unknown>): void
  /** Opens the session, or joins it; without a document, or if not `enabled`, it opens nothing. */
  subscribe(listener: () => void): () => void
  /** Opens the session without a subscriber, up to where it would connect. */
  preload(): void
  getSnapshot(): UseSessionBackendResult<unknown>
  getServerSnapshot(): UseSessionBackendResult<unknown>
}

/** Options of a {@link SessionHandle}. */
export interface HandleParts {
  sessions: SharedSessions
  endpoint: string
  documentId: string | null | undefined
  /** Whether it opens the session, or only shows the one that other components have open. */
  enabled: boolean
  clock: Clock
  random: () => number
  /** A session that the server has requested already. */
  initialSession: Session | undefined
}

/** Does no I/O and leaves nothing behind until it is subscribed to, so it may be called while rendering. */
export function createSessionHandle(parts: HandleParts): SessionHandle {
  const { sessions, endpoint, documentId, enabled, clock, random, initialSession } = parts
  const { stores, watchers } = sessions
  const key = sessionKey(endpoint, documentId ?? '')
  if (!enabled || !documentId) {
    return {
      setOptions() {},
      subscribe(listener) {
        // A wrapper, so that one function can listen twice.
        const watcher = () => listener()
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      },
      preload() {},
      getSnapshot: () => stores.get(key)?.getSnapshot() ?? idleSession,
      getServerSnapshot: () => idleSession,
    }
  }

  let options: StoreOptions<unknown>
  const own = createSessionStore<unknown>({
    documentId,
    clock,
    random,
    initialSession,
    onChange() {
      if (own.isOpen()) stores.set(key, own)
      else stores.delete(key)
      for (const watcher of watchers) watcher()
    },
  })
  const first = own.getSnapshot()
  const store = () => stores.get(key) ?? own

  return {
    setOptions(current) {
      options = current
    },
    subscribe: (listener) => store().subscribe(listener, () => options),
    preload: () => store().preload(() => options),
    getSnapshot: () => store().getSnapshot(),
    getServerSnapshot: () => first,
  }
}

'use client'

import type { BackendStatus, TypicalStart } from '@session-backend/core'
import { SessionBackendError, systemClock } from '@session-backend/core/internal'
import { createElement, type ReactNode } from 'react'
import { type Message, WebSocketConnection } from './connection/web-socket.ts'
import { Context, type SessionContext } from './hooks/provider.tsx'
import type { SessionListeners } from './session/options.ts'
import type { SessionActions } from './session/result.ts'
import type { SessionStore } from './session/store.ts'
import { createSessionView } from './session/view.ts'
import { platformStatus } from './status/platform-status.ts'

/** A connection whose other end is the test. */
export class TestConnection extends WebSocketConnection {
  /** What the app has sent. */
  readonly sent: Message[] = []

  constructor() {
    super(0)
  }

  override send(message: Message): boolean {
    this.sent.push(message)
    return true
  }
}

/** The session of one document, which the test controls. Wrap each change in `act`. */
export interface TestSession {
  /**
   * Changes the phase to `waiting`, with this status (default `Starting`) and the time that such starts
   * usually take.
   */
  waits(status?: BackendStatus, typicalStart?: TypicalStart): void
  /** Changes the phase to `connected`, with this connection. Default: a {@link TestConnection}. */
  connects(connection?: unknown): void
  /** Loses the connection. If the phase was `connected`, it becomes `reconnecting`. */
  loses(error?: SessionBackendError): void
  /** Sets `unsaved` to so many changes. */
  keeps(count: number): void
  /** Sets `overdue`: opening or reconnecting takes long. */
  isOverdue(): void
  /** Changes the phase to `ended`, as after `disconnect()`, or as when the backend has exited. */
  ends(error?: SessionBackendError): void
  /**
   * Changes the phase to `failed`, with an error such as
   * `new SessionBackendError('forbidden', 'You may not open this.')`.
   */
  fails(error: SessionBackendError): void
  /** The connection that `connects()` made last. */
  readonly connection: TestConnection
  /**
   * The functions that the app has called: `retry`, `disconnect`, `reconnect`. The calls change nothing by
   * themselves.
   */
  readonly calls: readonly (keyof SessionActions)[]
  /** How many components have the document open now. */
  readonly subscribers: number
}

/** Sessions without a network, a backend, or time. */
export interface TestSessions {
  /** The session of a document. It begins as `requesting`. */
  of(documentId: string): TestSession
  /** For {@link TestSessionProvider}. */
  readonly context: SessionContext
}

/** Replaces `SessionBackendProvider` in tests. */
export function TestSessionProvider({
  sessions,
  children,
}: {
  sessions: TestSessions
  children?: ReactNode
}) {
  return createElement(Context.Provider, { value: sessions.context }, children)
}

/**
 * Creates the sessions of one test. Render below a `TestSessionProvider`, then control each document's
 * session.
 */
export function createTestSessions(): TestSessions {
  const watchers = new Set<() => void>()
  const sessions = new Map<string, ReturnType<typeof createTestSession>>()
  const tellWatchers = () => {
    for (const watcher of watchers) watcher()
  }

  function of(documentId: string) {
    const session = sessions.get(documentId) ?? createTestSession(documentId, tellWatchers)
    sessions.set(documentId, session)
    return session
  }

  const stores = {
    get: (key: string) => of(key.slice(key.indexOf('\n') + 1)).store,
    set() {},
    delete() {},
  }
  return {
    of: (documentId) => of(documentId).session,
    context: {
      sessions: { stores, watchers },
      endpoint: '/api/sessions',
      connect: () => new TestConnection(),
      statusSource: platformStatus,
      clock: systemClock,
      random: Math.random,
    },
  }
}

function createTestSession(documentId: string, onChange: () => void) {
  const listeners = new Set<{ listener: () => void; options: () => SessionListeners<unknown> }>()
  const calls: (keyof SessionActions)[] = []
  let connection = new TestConnection()
  const view = createSessionView<unknown>({
    actions: {
      retry: () => void calls.push('retry'),
      disconnect: () => void calls.push('disconnect'),
      reconnect: () => void calls.push('reconnect'),
    },
    clock: systemClock,
    onChange() {
      for (const { listener } of listeners) listener()
      onChange()
    },
  })
  const backend = (status: BackendStatus) => ({
    name: `test-${documentId}`,
    url: `https://backend.test/${encodeURIComponent(documentId)}/`,
    readyUrl: 'https://backend.test/ready/',
    statusUrl: 'https://backend.test/status',
    status,
    spawned: true,
  })

  const store: SessionStore<unknown> = {
    getSnapshot: view.getSnapshot,
    isOpen: () => listeners.size > 0,
    preload() {},
    subscribe(listener, options) {
      const entry = { listener, options }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
  }
  const session: TestSession = {
    calls,
    get connection() {
      return connection
    },
    get subscribers() {
      return listeners.size
    },
    waits(status = 'Starting', typicalStart = undefined) {
      view.setSession({ ...backend(status), ...(typicalStart && { typicalStart }) })
      view.showOpening('waiting')
    },
    connects(given = new TestConnection()) {
      if (given instanceof TestConnection) {
        connection = given
        given.deliverTo(() => [...listeners].map(({ options }) => options().onMessage).filter(isFunction))
      }
      const { name, url } = backend('Ready')
      view.setSession(backend('Ready'))
      view.show({ phase: 'connected', connection: given, error: undefined, name, url })
    },
    loses(
      error = new SessionBackendError('connection_failed', "Could not connect to this document's server."),
    ) {
      view.forgetUrl()
      view.showOpening('connecting', error)
    },
    keeps(count) {
      view.setUnsaved({ count, since: count > 0 ? systemClock.now() : undefined })
    },
    isOverdue() {
      view.showOverdue()
      for (const { options } of [...listeners]) options().onOverdue?.(view.getSnapshot())
    },
    ends(error) {
      view.forgetUrl()
      view.show({ phase: 'ended', connection: undefined, error })
    },
    fails(error) {
      view.forgetUrl()
      view.show({ phase: 'failed', connection: undefined, error })
    },
  }
  return { store, session }
}

function isFunction(value: unknown): value is (message: unknown) => void {
  return typeof value === 'function'
}

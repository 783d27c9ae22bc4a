'use client'

import { SessionBackendError } from '@session-backend/core'
import { useSyncExternalStore } from 'react'
import type { WebSocketConnection } from './connection.ts'
import type { SessionActions, SessionBackend, SessionFacts, SessionPhase, StoreOptions } from './session.ts'
import type { SessionStore } from './session-store.ts'
import type { SessionHandle } from './shared-sessions.ts'
import type { SessionBackendOptions } from './use-session-backend.ts'
import { useSessionHandle } from './use-session-handle.ts'

/** What `useSuspenseSessionBackend` returns: there is, or was, a connection. */
export type ConnectedSessionBackend<C> = SessionFacts &
  SessionActions &
  Extract<SessionPhase<C>, { phase: 'connected' | 'reconnecting' | 'ended' }>

/** How long a session waits for React to render what suspended on it, in ms. */
const PATIENCE = 1000
/** A component that was suspended for so long, in ms, may be gone: it is asked to render again. */
const LONGEST_WAIT = 60_000

/**
 * Like `useSessionBackend`, for components below a `<Suspense>`: it suspends until the document is connected,
 * and never again, since what reconnects is not hidden. Errors go to the nearest error boundary; what mounts
 * there anew a second later starts over.
 *
 * On a server it throws, as React has it for what renders in browsers only: the `<Suspense>`'s fallback is sent.
 * It opens the session while it renders, since a component that suspends has no effects.
 *
 * @throws SessionBackendError the session's error when it has failed.
 */
export function useSuspenseSessionBackend(
  documentId: string,
  options?: SessionBackendOptions & { connect?: undefined },
): ConnectedSessionBackend<WebSocketConnection>
export function useSuspenseSessionBackend<C>(
  documentId: string,
  options: SessionBackendOptions<C>,
): ConnectedSessionBackend<C>
export function useSuspenseSessionBackend(
  documentId: string,
  options: SessionBackendOptions<unknown> = {},
): ConnectedSessionBackend<unknown> {
  const { handle, options: current } = useSessionHandle('useSuspenseSessionBackend', documentId, options)
  const session = useSyncExternalStore(handle.subscribe, handle.getSnapshot, onServer)
  if (session.phase === 'failed') throw session.error
  if (isConnected(session)) return session
  throw settled(handle, current)
}

function isConnected(session: SessionBackend<unknown>): session is ConnectedSessionBackend<unknown> {
  return ['connected', 'reconnecting', 'ended'].includes(session.phase)
}

function onServer(): never {
  throw new SessionBackendError('invalid_option', 'useSuspenseSessionBackend renders in browsers only.')
}

const waits = new WeakMap<SessionStore<unknown>, Promise<void>>()

/** Opens the session, and resolves when there is something to render. */
function settled(handle: SessionHandle, options: StoreOptions<unknown>): Promise<void> {
  const { clock } = options
  const store = handle.store()
  const wait =
    waits.get(store) ??
    new Promise<void>((resolve) => {
      // What suspends has no effects, which would tell them.
      handle.setOptions(options)
      const leave = handle.subscribe(() => {
        const session = store.getSnapshot()
        if (session.phase === 'failed' || isConnected(session)) finish()
      })
      const cancel = clock.after(LONGEST_WAIT, finish)
      function finish() {
        if (!waits.delete(store)) return
        cancel()
        resolve()
        clock.after(PATIENCE, leave)
      }
    })
  waits.set(store, wait)
  return wait
}

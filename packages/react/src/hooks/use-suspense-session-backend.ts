'use client'

import { SessionBackendError } from '@session-backend/core/internal'
import { useSyncExternalStore } from 'react'
import type { WebSocketConnection } from '../connection/web-socket.ts'
import type {
  SessionActions,
  SessionFacts,
  SessionPhase,
  UseSessionBackendResult,
} from '../session/result.ts'
import { type SharedSessions, sessionKey } from '../session/shared-sessions.ts'
import type { AnyOptions, UseSessionBackendOptions } from './options.ts'
import { type HandleInUse, useSessionHandle } from './use-session-handle.ts'

/** What `useSuspenseSessionBackend` returns: there is, or was, a connection. */
export type UseSuspenseSessionBackendResult<C> = SessionFacts &
  SessionActions &
  Extract<SessionPhase<C>, { phase: 'connected' | 'reconnecting' | 'ended' }>

/** How long a session waits for React to show what suspended on it, in ms, when nothing else is suspended. */
const PATIENCE = 1000
/** A component that was suspended for so long, in ms, may be gone: it is asked to render again. */
const LONGEST_WAIT = 60_000

/**
 * Like `useSessionBackend`, for components below a `<Suspense>`. It suspends until the document is connected.
 * It doesn't suspend again when the session reconnects, so that the page stays visible. It throws errors to
 * the nearest error boundary; a component that mounts again at least a second later starts over.
 *
 * On a server it throws, so that React sends the fallback of the `<Suspense>`. Put the provider above the
 * `<Suspense>`: React discards the state of components that suspend before they were ever shown, and a
 * provider among them would lose its sessions.
 *
 * @throws SessionBackendError the session's error when it has failed.
 */
export function useSuspenseSessionBackend(
  documentId: string,
  options?: Omit<UseSessionBackendOptions, 'enabled'> & { connect?: undefined },
): UseSuspenseSessionBackendResult<WebSocketConnection>
export function useSuspenseSessionBackend<C, H = unknown>(
  documentId: string,
  options: Omit<UseSessionBackendOptions<C, H>, 'enabled'>,
): UseSuspenseSessionBackendResult<C>
export function useSuspenseSessionBackend(
  documentId: string,
  options: AnyOptions = {},
): UseSuspenseSessionBackendResult<unknown> {
  const parts = useSessionHandle(documentId, options)
  const { handle } = parts
  const session = useSyncExternalStore(handle.subscribe, handle.getSnapshot, onServer)
  if (session.phase === 'failed') throw session.error
  if (isConnected(session)) return session
  throw settled(documentId, parts)
}

function isConnected(
  session: UseSessionBackendResult<unknown>,
): session is UseSuspenseSessionBackendResult<unknown> {
  return ['connected', 'reconnecting', 'ended'].includes(session.phase)
}

function onServer(): never {
  throw new SessionBackendError('invalid_option', 'useSuspenseSessionBackend renders in browsers only.')
}

/** What components are suspended on, by session, below each provider. */
const waiting = new WeakMap<SharedSessions, Map<string, Promise<void>>>()

/** Opens the session, and resolves when there is something to render. */
function settled(documentId: string, { sessions, clock, handle, options }: HandleInUse): Promise<void> {
  const { endpoint } = options
  const waits = waiting.get(sessions) ?? new Map<string, Promise<void>>()
  waiting.set(sessions, waits)
  const key = sessionKey(endpoint, documentId)
  const wait = waits.get(key) ?? new Promise<void>(suspend)
  waits.set(key, wait)
  return wait

  function suspend(resolve: () => void) {
    // A component that suspends has no effects, so the options are set here.
    handle.setOptions(options)
    // Opening the session updates other components, which React doesn't allow while it renders.
    queueMicrotask(() => {
      let pending = true
      const leave = handle.subscribe(look)
      const cancel = clock.after(LONGEST_WAIT, finish)
      look()

      function look() {
        const session = handle.getSnapshot()
        if (session.phase === 'failed' || isConnected(session)) finish()
      }

      function finish() {
        if (!pending) return
        pending = false
        waits.delete(key)
        cancel()
        resolve()
        leaveAfter(clock.now() + LONGEST_WAIT)
      }

      /** React shows nothing of what it has rendered while something next to it is suspended. */
      function leaveAfter(end: number) {
        clock.after(PATIENCE, () => {
          if (waits.size > 0 && isConnected(handle.getSnapshot()) && clock.now() < end) leaveAfter(end)
          else leave()
        })
      }
    })
  }
}

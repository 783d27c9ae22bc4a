import type { BackendStatus, Clock } from '@session-backend/core'
import { childOf, isTerminal, SessionBackendError } from '@session-backend/core/internal'
import { isTemporary } from '../route/request-session.ts'
import type { Connect, ConnectContext, LostReason } from './connect.ts'
import { onReturn } from './presence.ts'

/** An attempt to connect is abandoned after this time, in ms. */
const CONNECT_LIMIT = 30_000

/** What {@link openConnection} needs. */
export interface ConnectionParts<C>
  extends Omit<ConnectContext<never>, 'url' | 'onLost' | 'onProbe' | 'followStatus'> {
  connect: Connect<C, never>
  clock: Clock
  /** `signal` aborts when the connection is lost, or no longer wanted. */
  onConnected(connection: C, signal: AbortSignal): void
  /**
   * Follows the backend of a connection that can't tell that it is lost: until it has ended, or there is no
   * more to learn.
   */
  followBackend(signal: AbortSignal): Promise<BackendStatus | undefined>
}

/** How a connection was lost. */
export interface Loss {
  /** A WebSocket close code. */
  code: number | undefined
  reason: string | undefined
  cause: unknown
  wasConnected: boolean
  /** The backend's last status, if it was followed and has ended. */
  ended: BackendStatus | undefined
}

/**
 * Makes one connection, and resolves when it is lost, or could not be made and another attempt may help. When
 * `signal` aborts, it closes it and never settles.
 *
 * @throws SessionBackendError if `connect` throws one that another attempt doesn't help.
 */
export function openConnection<C>(parts: ConnectionParts<C>): Promise<Loss> {
  const { connect, clock, onConnected, followBackend, ...facts } = parts
  return new Promise((resolve, reject) => {
    const attempt = childOf(parts.signal)
    const { signal } = attempt
    if (signal.aborted) return
    let probe: (() => void) | undefined
    let isFollowed = false
    let wasConnected = false
    function lose(cause: unknown, { code, reason }: LostReason = {}, ended?: BackendStatus) {
      if (signal.aborted) return
      attempt.abort()
      if (cause instanceof SessionBackendError && !isTemporary(cause)) reject(cause)
      else resolve({ code, reason, cause, wasConnected, ended })
    }
    const onLost = (reason: LostReason = {}) => lose(reason, reason)
    const cancel = clock.after(CONNECT_LIMIT, onLost)
    signal.addEventListener('abort', cancel)
    const context: ConnectContext<never> = {
      ...facts,
      url: facts.session.url,
      signal,
      onLost,
      onProbe(newProbe) {
        probe = newProbe
      },
      followStatus() {
        isFollowed = true
      },
    }
    // Called by a promise, which catches what it throws.
    new Promise<C>((done) => done(connect(context)))
      .then((connection) => {
        cancel()
        if (signal.aborted) return
        onReturn(clock, signal, (wasCutOff) => {
          if (probe) probe()
          else if (wasCutOff && !isFollowed) onLost()
        })
        wasConnected = true
        onConnected(connection, signal)
        // A stream that has no more to say ends nothing while there is a connection.
        if (isFollowed) {
          followBackend(signal).then(
            (status) => status && isTerminal(status) && lose(undefined, undefined, status),
            lose,
          )
        }
      })
      .catch(lose)
  })
}

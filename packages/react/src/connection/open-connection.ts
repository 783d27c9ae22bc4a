import { type Clock, SessionBackendError } from '@session-backend/core'
import { childOf } from '@session-backend/core/internal'
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
  /** `isFollowed`: the connection can't tell that it is lost. */
  onConnected(connection: C, isFollowed: boolean): void
}

/** How a connection was lost. */
export interface Loss {
  /** A WebSocket close code. */
  code: number | undefined
  cause: unknown
}

/**
 * Makes one connection, and resolves when it is lost, or could not be made and another attempt may help. When
 * `signal` aborts, it closes it and never settles.
 *
 * @throws SessionBackendError if `connect` throws one that another attempt doesn't help.
 */
export function openConnection<C>(parts: ConnectionParts<C>): Promise<Loss> {
  const { connect, clock, onConnected, ...facts } = parts
  return new Promise((resolve, reject) => {
    const attempt = childOf(parts.signal)
    const { signal } = attempt
    if (signal.aborted) return
    let probe: (() => void) | undefined
    let isFollowed = false
    function lose(cause: unknown, code?: number) {
      if (signal.aborted) return
      attempt.abort()
      if (cause instanceof SessionBackendError && !isTemporary(cause)) reject(cause)
      else resolve({ code, cause })
    }
    const onLost = (reason: LostReason = {}) => lose(reason, reason.code)
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
        onConnected(connection, isFollowed)
      })
      .catch(lose)
  })
}

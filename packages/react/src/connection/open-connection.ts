import { type Clock, childOf, SessionBackendError } from '@session-backend/core'
import { isTemporary } from '../route/request-session.ts'
import type { Connect, ConnectContext, LostReason } from './connect.ts'

/** A connection that takes longer is given up, in ms. */
const CONNECT_LIMIT = 30_000

/** What it takes to make one connection. */
export interface ConnectionParts<C> extends Omit<ConnectContext<C>, 'url' | 'onLost'> {
  connect: Connect<C>
  clock: Clock
  onConnected(connection: C): void
}

/** How a connection was lost. */
export interface Loss {
  /** A WebSocket close code. */
  code: number | undefined
  cause: unknown
}

/**
 * Makes one connection, and resolves when it is lost, or could not be made and another attempt may help. When `signal` aborts, it closes it and never settles.
 *
 * @throws SessionBackendError if `connect` throws one that another attempt doesn't help.
 */
export function openConnection<C>(parts: ConnectionParts<C>): Promise<Loss> {
  const { connect, clock, documentId, session, previous, onConnected } = parts
  return new Promise((resolve, reject) => {
    const attempt = childOf(parts.signal)
    const { signal } = attempt
    function lose(cause: unknown, code?: number) {
      if (signal.aborted) return
      attempt.abort()
      if (cause instanceof SessionBackendError && !isTemporary(cause)) reject(cause)
      else resolve({ code, cause })
    }
    const onLost = (reason: LostReason = {}) => lose(reason, reason.code)
    const cancel = clock.after(CONNECT_LIMIT, onLost)
    signal.addEventListener('abort', cancel)
    // Called by a promise, which catches what it throws.
    new Promise<C>((done) =>
      done(connect({ url: session.url, documentId, session, signal, onLost, previous })),
    )
      .then((connection) => {
        cancel()
        if (!signal.aborted) onConnected(connection)
      })
      .catch(lose)
  })
}

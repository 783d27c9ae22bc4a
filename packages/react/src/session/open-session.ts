import type { Session } from '@session-backend/core'
import { SessionBackendError } from '@session-backend/core/internal'
import { onPageCache } from '../connection/presence.ts'
import { type RunParts, runSession } from './run.ts'

/** An open session: it runs, or has ended and can start over. */
export interface StartedSession {
  /** Starts over, with the session that the server has already requested, if any. */
  start(session?: Session): void
  /** Ends the run: the session is shown as ended, or as failed if there is an error. */
  end(error?: SessionBackendError): void
  close(): void
}

/** Opens a session, which doesn't run yet. */
export function openSession<C>(parts: Omit<RunParts<C>, 'closed' | 'signal'>): StartedSession {
  const { view } = parts
  const opened = new AbortController()
  let run = new AbortController()

  function start(session?: Session) {
    run.abort()
    run = new AbortController()
    const { signal } = run
    view.forgetUrl()
    runSession({ ...parts, closed: opened.signal, signal }, session).catch((cause) => {
      if (signal.aborted) return
      end(
        cause instanceof SessionBackendError
          ? cause
          : new SessionBackendError('internal', 'The session failed: see the cause.', { cause }),
      )
    })
  }

  function end(error?: SessionBackendError) {
    run.abort()
    view.forgetUrl()
    const connection = undefined
    if (error && error.code !== 'backend_ended') view.show({ phase: 'failed', connection, error })
    else view.show({ phase: 'ended', connection, error })
  }

  let isPaused = false
  onPageCache(
    opened.signal,
    () => {
      isPaused = !run.signal.aborted
      run.abort()
    },
    () => isPaused && start(),
  )

  return {
    start,
    end,
    close() {
      run.abort()
      opened.abort()
    },
  }
}

'use client'

import { BACKEND_STATUSES } from '@session-backend/core/internal'
import type { UseSessionBackendResult } from '../session/result.ts'

/** Props of {@link SessionBackendStatus}. */
export interface SessionBackendStatusProps {
  /** The result of `useSessionBackend`. */
  session: UseSessionBackendResult<unknown>
  /** Replaces texts, for other wording or another language. */
  text?: Partial<typeof TEXT> | undefined
  className?: string | undefined
}

const TEXT = {
  requesting: 'Opening…',
  waiting: 'Starting…',
  connecting: 'Connecting…',
  connected: 'Connected',
  saving: 'Saving…',
  saved: 'Saved',
  kept: (count: number) => `Offline: ${count} ${count === 1 ? 'change' : 'changes'} kept in this tab`,
  reconnecting: 'Reconnecting…',
  ended: 'Closed',
  failed: 'This document could not be opened.',
  retry: 'Try again',
  log: "The last lines of the server's log",
  typicalStart: (seconds: number) => `This usually takes about ${seconds} s.`,
  overdue: 'This is taking longer than usual.',
}

/** Where a session is, and whether what was done is safe. */
function stateOf({ phase, unsaved }: UseSessionBackendResult<unknown>, words: typeof TEXT): string {
  if (phase === 'idle') return ''
  if (unsaved === undefined || phase === 'ended' || phase === 'failed') return words[phase]
  if (phase === 'connected') return unsaved.count > 0 ? words.saving : words.saved
  return unsaved.count > 0 ? words.kept(unsaved.count) : words[phase]
}

/**
 * Shows the phase of a session, the progress of its start, how long starts usually take, why it failed, and
 * whether all changes are saved. It has no styles, but sets `data-phase` and `data-overdue`. Screen readers
 * announce its changes. It renders nothing while the session is idle.
 */
export function SessionBackendStatus({ session, text, className }: SessionBackendStatusProps) {
  const words = { ...TEXT, ...text }
  const { phase, status, error, timeline, typicalStart, overdue } = session
  if (phase === 'idle') return null
  const failed = phase === 'failed'
  const starting = phase === 'requesting' || phase === 'waiting'
  const steps = BACKEND_STATUSES.indexOf('Ready') + 1
  const reached = status ? BACKEND_STATUSES.indexOf(status) + 1 : 0

  return (
    <div
      role={failed ? 'alert' : 'status'}
      data-phase={phase}
      data-overdue={overdue || undefined}
      className={className}
    >
      <span>{stateOf(session, words)}</span>
      {starting && <progress max={steps} value={Math.min(reached, steps)} aria-label={words.waiting} />}
      {overdue ? (
        <span>{words.overdue}</span>
      ) : (
        starting &&
        typicalStart && <span>{words.typicalStart(Math.max(1, Math.round(typicalStart.p50 / 1000)))}</span>
      )}
      {error && <p>{error.message}</p>}
      {timeline?.log && timeline.log.length > 0 && (
        <details>
          <summary>{words.log}</summary>
          <pre>{timeline.log.join('\n')}</pre>
        </details>
      )}
      {(failed || overdue || phase === 'ended') && (
        <button type="button" onClick={session.retry}>
          {words.retry}
        </button>
      )}
    </div>
  )
}

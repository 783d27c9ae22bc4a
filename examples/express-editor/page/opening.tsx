import type { UseSessionBackendResult } from '@session-backend/react'
import { useEffect, useState } from 'react'

const STEPS = [
  { status: 'Loading', text: 'Loading the program' },
  { status: 'Starting', text: 'Starting a process for this file' },
  { status: 'Ready', text: 'Opening the file' },
] as const

/** The cold start as it happens: which step the backend has reached, and when. */
export function Opening({ session }: { session: UseSessionBackendResult<unknown> }) {
  const openedAt = useState(() => Date.now())[0]
  const elapsed = useElapsed(openedAt)
  const statuses = session.timeline?.statuses ?? []
  const reached = new Map<string, number>(statuses.map(({ state, time }) => [state, Date.parse(time)]))
  const next = STEPS.find(({ status }) => !reached.has(status))

  return (
    <section className="opening" aria-busy="true" aria-label="The file is being opened">
      <h2>Opening…</h2>
      <ol>
        {STEPS.map(({ status, text }) => {
          const at = reached.get(status)
          return (
            <li
              key={status}
              data-reached={at !== undefined}
              aria-current={next?.status === status ? 'step' : undefined}
            >
              <span>{text}</span>
              <span>
                {at !== undefined
                  ? `${status} after ${seconds(Math.max(0, at - openedAt))}`
                  : next?.status === status && seconds(elapsed)}
              </span>
            </li>
          )
        })}
      </ol>
      {session.error && <p role="status">{session.error.message} Retrying…</p>}
    </section>
  )
}

/** Milliseconds since a moment, ten times a second. */
function useElapsed(since: number): number {
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [])
  return now - since
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

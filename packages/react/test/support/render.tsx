import type { Session } from '@session-backend/core'
import { act, render } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { onTestFinished } from 'vitest'
import { Context } from '../../src/hooks/provider.tsx'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import type { UseSessionBackendResult } from '../../src/session/result.ts'
import { createSharedSessions } from '../../src/session/shared-sessions.ts'
import type { StatusSource } from '../../src/status/source.ts'
import { createWorld, type World } from './world.ts'

/** Lets everything happen that can happen without time passing. */
export async function settle(): Promise<void> {
  await act(() => new Promise((resolve) => setTimeout(resolve)))
}

/** Renders components in a new world. */
export function renderWorld(children: (world: World) => ReactNode, world = createWorld()) {
  const context = { ...world.options, sessions: createSharedSessions() }
  const wrap = (node: ReactNode) => <Context.Provider value={context}>{node}</Context.Provider>
  const { rerender, unmount } = render(wrap(children(world)))
  onTestFinished(() => {
    unmount()
    // Sessions close a moment later.
    world.clock.advance(1000)
  })
  return {
    ...world,
    rerender: (node: ReactNode) => rerender(wrap(node)),
    unmount,
    /** Does something to the world, and lets React follow. */
    async does(work: () => void) {
      await act(async () => work())
      await settle()
    },
    /** Time passes. */
    async passes(ms: number) {
      await act(async () => world.clock.advance(ms))
      await settle()
    },
  }
}

/** What a component saw of a session. */
export interface Seen {
  sessions: UseSessionBackendResult<unknown>[]
}

/** A component that opens a document, and remembers each of its renders. */
export function Document({ seen, initialSession, headers, ...props }: DocumentProps) {
  const id = 'id' in props ? props.id : 'doc'
  const session = useSessionBackend<unknown>(id, { initialSession, headers })
  seen.sessions.push(session)
  return <p>{session.phase}</p>
}

interface DocumentProps {
  id?: string | null | undefined
  seen: Seen
  initialSession?: Session | undefined
  headers?: HeadersInit
}

/** Opens one document in a new world. */
export function openDocument({ strict = false, initialSession, statusSource }: OpenOptions = {}) {
  const created = createWorld()
  if (statusSource) created.options.statusSource = statusSource
  const seen: Seen = { sessions: [] }
  const document = <Document seen={seen} initialSession={initialSession} />
  const world = renderWorld(() => (strict ? <StrictMode>{document}</StrictMode> : document), created)
  return {
    ...world,
    /** What each render showed. */
    seen: seen.sessions,
    /** What is shown now. */
    get session(): UseSessionBackendResult<unknown> {
      const last = seen.sessions.at(-1)
      if (!last) throw new Error('Nothing has been rendered.')
      return last
    },
  }
}

interface OpenOptions {
  strict?: boolean
  initialSession?: Session
  statusSource?: StatusSource
}

'use client'

import { type Clock, systemClock } from '@session-backend/core'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { webSocket } from './connection.ts'
import type { Connect, RouteOptions } from './session.ts'
import { createSharedSessions, type SharedSessions } from './shared-sessions.ts'
import { platformStatus } from './status/platform-status.ts'
import type { StatusSource } from './status/source.ts'

/** What a provider gives to the hooks below it. */
export interface SessionContext extends RouteOptions {
  sessions: SharedSessions
  connect: Connect<unknown>
  status: StatusSource
  clock: Clock
  random: () => number
}

export const Context = createContext<SessionContext>({
  sessions: createSharedSessions(),
  connect: webSocket(),
  status: platformStatus,
  clock: systemClock,
  random: Math.random,
})

/** Props of {@link SessionBackendProvider}. */
export interface SessionBackendProviderProps extends RouteOptions {
  children?: ReactNode
}

/**
 * Tells all `useSessionBackend` below it where the app's route is and how to reach it. Components below one
 * provider share a document's session; a provider of its own keeps another user's sessions apart.
 */
export function SessionBackendProvider(props: SessionBackendProviderProps) {
  const { children, endpoint, headers, credentials, fetch, status } = props
  const above = useContext(Context)
  const [sessions] = useState(createSharedSessions)
  const value = useMemo(
    () => ({ ...withDefaults(above, { endpoint, headers, credentials, fetch, status }), sessions }),
    [above, endpoint, headers, credentials, fetch, status, sessions],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** The defaults, but for what is given. */
export function withDefaults(
  defaults: SessionContext,
  given: RouteOptions & { connect?: Connect<unknown> | undefined },
): SessionContext {
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

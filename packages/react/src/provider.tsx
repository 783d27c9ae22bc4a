'use client'

import { type Clock, systemClock } from '@session-backend/core'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { webSocket } from './connection.ts'
import type { Connect, RouteOptions } from './session.ts'
import { createSharedSessions, type SharedSessions } from './shared-sessions.ts'

/** What a provider gives to the hooks below it. */
export interface SessionContext extends RouteOptions {
  sessions: SharedSessions
  connect: Connect<unknown>
  clock: Clock
  random: () => number
}

export const Context = createContext<SessionContext>({
  sessions: createSharedSessions(),
  connect: webSocket(),
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
  const { children, endpoint, headers, credentials, fetch, relay } = props
  const above = useContext(Context)
  const [sessions] = useState(createSharedSessions)
  const value = useMemo(
    () => ({ ...above, endpoint, headers, credentials, fetch, relay, sessions }),
    [above, endpoint, headers, credentials, fetch, relay, sessions],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

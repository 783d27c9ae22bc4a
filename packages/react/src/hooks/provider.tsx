'use client'

import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import {
  createContext,
  type Context as ReactContext,
  type ReactNode,
  useContext,
  useMemo,
  useState,
  version,
} from 'react'
import type { Connect } from '../connection/connect.ts'
import { webSocket } from '../connection/web-socket.ts'
import type { SessionListeners, SessionOptions } from '../session/options.ts'
import { createSharedSessions, type SharedSessions } from '../session/shared-sessions.ts'
import { platformStatus } from '../status/platform-status.ts'
import type { StatusSource } from '../status/source.ts'

/** What a provider gives to the hooks below it. */
export interface SessionContext extends SessionOptions {
  sessions: SharedSessions
  connect: Connect<unknown, never>
  statusSource: StatusSource
  clock: Clock
  random: () => number
}

/**
 * A bundle may hold this package twice, as ESM and as CommonJS: the hooks of one copy find the provider of
 * the other by this name. A server may render by two versions of React, whose contexts differ.
 */
const CONTEXT = `session-backend context, React ${version}`

const contexts: Partial<Record<string, ReactContext<SessionContext>>> = Object(globalThis)
contexts[CONTEXT] ??= createContext<SessionContext>({
  sessions: createSharedSessions(),
  connect: webSocket(),
  statusSource: platformStatus,
  clock: systemClock,
  random: Math.random,
})

export const Context = contexts[CONTEXT]

/** Props of {@link SessionBackendProvider}. */
export interface SessionBackendProviderProps extends SessionOptions {
  children?: ReactNode
}

/**
 * Sets the app's route, and the options of its requests, for all hooks below it. Components below one
 * provider share a document's session, also with those below a provider inside it. To keep the sessions of two
 * users apart, use two providers next to each other, or give the inner one `headers`, `credentials` or `fetch`.
 */
export function SessionBackendProvider(props: SessionBackendProviderProps) {
  const { children, endpoint, headers, credentials, fetch, statusSource } = props
  const above = useContext(Context)
  const [own] = useState(createSharedSessions)
  // Other requests may be those of another user.
  const sessions = above.endpoint && !headers && !credentials && !fetch ? above.sessions : own
  const value = useMemo(
    () => ({ ...withDefaults(above, { endpoint, headers, credentials, fetch, statusSource }), sessions }),
    [above, endpoint, headers, credentials, fetch, statusSource, sessions],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** The defaults, except for what is given. */
export function withDefaults(
  defaults: SessionContext,
  given: SessionOptions & SessionListeners<unknown> & { connect?: Connect<unknown, never> | undefined },
): SessionContext & SessionListeners<unknown> {
  return {
    ...defaults,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

'use client'

import { SessionBackendError } from '@session-backend/core'
import { useContext, useInsertionEffect, useMemo } from 'react'
import { Context, withDefaults } from './provider.tsx'
import type { StoreOptions } from './session.ts'
import { createSessionHandle, type SessionHandle, type SharedSessions } from './shared-sessions.ts'
import type { SessionBackendOptions } from './use-session-backend.ts'

/** A handle, and what it works with. */
export interface HandleInUse {
  sessions: SharedSessions
  handle: SessionHandle
  options: StoreOptions<unknown>
}

/** A component's handle of its document's session, and its options, which the handle has after each commit. */
export function useSessionHandle(
  /** For the message of the error that it throws. */
  hook: string,
  documentId: string,
  { initialSession, ...given }: SessionBackendOptions<unknown>,
): HandleInUse {
  const { sessions, endpoint, ...settings } = withDefaults(useContext(Context), given)
  if (endpoint === undefined) {
    throw new SessionBackendError(
      'invalid_option',
      `${hook} needs an endpoint: wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
    )
  }
  const options = { ...settings, endpoint }
  const handle = useMemo(
    () => createSessionHandle({ sessions, endpoint, documentId, initialSession }),
    [sessions, endpoint, documentId, initialSession],
  )
  useInsertionEffect(() => handle.setOptions(options))
  return { sessions, handle, options }
}

'use client'

import { SessionBackendError } from '@session-backend/core'
import { useContext, useInsertionEffect, useMemo } from 'react'
import type { StoreOptions } from '../session/options.ts'
import { createSessionHandle, type SessionHandle, type SharedSessions } from '../session/shared-sessions.ts'
import { Context, withDefaults } from './provider.tsx'
import type { UseSessionBackendOptions } from './use-session-backend.ts'

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
  documentId: string | null | undefined,
  { initialSession, enabled = true, ...given }: UseSessionBackendOptions<unknown>,
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
    () => createSessionHandle({ sessions, endpoint, documentId, enabled, initialSession }),
    [sessions, endpoint, documentId, enabled, initialSession],
  )
  useInsertionEffect(() => handle.setOptions(options))
  return { sessions, handle, options }
}

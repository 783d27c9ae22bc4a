'use client'

import { SessionBackendError } from '@session-backend/core'
import { useContext, useInsertionEffect, useMemo, useRef } from 'react'
import { Context, withDefaults } from './provider.tsx'
import { createSessionHandle, type SessionHandle } from './shared-sessions.ts'
import type { SessionBackendOptions } from './use-session-backend.ts'

/** A component's handle of its document's session. `hook` is for the message of the error that it throws. */
export function useSessionHandle(
  hook: string,
  documentId: string,
  { initialSession, ...given }: SessionBackendOptions<unknown>,
): SessionHandle {
  const settings = withDefaults(useContext(Context), given)
  const { sessions, endpoint } = settings
  if (endpoint === undefined) {
    throw new SessionBackendError(
      'invalid_option',
      `${hook} needs an endpoint: wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
    )
  }
  const latest = useRef({ ...settings, endpoint })
  useInsertionEffect(() => {
    latest.current = { ...settings, endpoint }
  })
  return useMemo(
    () =>
      createSessionHandle({ sessions, endpoint, documentId, options: () => latest.current, initialSession }),
    [sessions, endpoint, documentId, initialSession],
  )
}

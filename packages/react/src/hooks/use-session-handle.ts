'use client'

import type { Clock } from '@session-backend/core'
import { useContext, useInsertionEffect, useMemo } from 'react'
import { checkOptions } from '../session/check-options.ts'
import type { StoreOptions } from '../session/options.ts'
import { createSessionHandle, type SessionHandle, type SharedSessions } from '../session/shared-sessions.ts'
import type { AnyOptions } from './options.ts'
import { Context, withDefaults } from './provider.tsx'

/** A session handle, and what it was made with. */
export interface HandleInUse {
  sessions: SharedSessions
  clock: Clock
  handle: SessionHandle
  options: StoreOptions<unknown>
}

/**
 * A component's handle of its document's session, and its options, which the handle has after each commit.
 */
export function useSessionHandle(
  documentId: string | null | undefined,
  { initialSession, enabled = true, ...given }: AnyOptions,
): HandleInUse {
  const settings = withDefaults(useContext(Context), given)
  checkOptions(settings)
  const { sessions, clock, random, ...options } = settings
  const { endpoint } = options
  const handle = useMemo(
    () => createSessionHandle({ sessions, endpoint, documentId, enabled, clock, random, initialSession }),
    [sessions, endpoint, documentId, enabled, clock, random, initialSession],
  )
  useInsertionEffect(() => handle.setOptions(options))
  return { sessions, clock, handle, options }
}

import { SessionBackendError } from '@session-backend/core'
import type { Backends } from '../backends/backends.ts'
import type { Services } from '../services/services.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { Params } from './router.ts'
import type { PlatformUrls } from './urls.ts'

/** What the routes of the API share. */
export interface ApiContext {
  /** The account that the access token is for. */
  account: string
  services: Services
  backends: Backends
  heartbeats: Heartbeats
  urls: PlatformUrls
  /** The current metrics, in Prometheus' text format. */
  metrics: () => string
}

/** Throws `forbidden` unless a path names the account that the access token is for. */
export function checkAccount({ account }: Pick<ApiContext, 'account'>, params: Params): void {
  if (params.account !== account) {
    throw new SessionBackendError('forbidden', 'The access token is not for this account.')
  }
}

/**
 * The service that a path names. Throws `forbidden` for another account's, and `not_found` for an unknown
 * one.
 */
export function serviceOf(context: Pick<ApiContext, 'account' | 'services'>, params: Params): string {
  checkAccount(context, params)
  const { service = '' } = params
  if (!context.services.has(service)) throw new SessionBackendError('not_found', 'There is no such service.')
  return service
}

import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { Dispatcher } from 'undici'
import { checkTimeout, invalid, parseApiUrl, pathPart } from '../common/checks.ts'
import type { JamsocketOptions } from './client.ts'

const DEFAULT_API_URL = 'https://api.jamsocket.com'

/** {@link JamsocketOptions}, checked and complete. */
export interface JamsocketSettings {
  account: string
  service: string
  token: string
  apiVersion: 1 | 2
  /** Of `apiUrl`. */
  origin: string
  /** The path of `apiUrl`, without a slash at its end. */
  prefix: string
  timeout: number
  dispatcher: Dispatcher | undefined
  clock: Clock
}

/** Throws `invalid_option` and names the option. */
export function parseOptions(options: JamsocketOptions): JamsocketSettings {
  const { token, apiVersion = 1, clock = systemClock } = options
  if (apiVersion !== 1 && apiVersion !== 2) throw invalid('`apiVersion` is 1 or 2.')
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw invalid('`token` is missing, or holds a space or a character that no header can carry.')
  }
  const { origin, prefix } = parseApiUrl(options.apiUrl ?? DEFAULT_API_URL)
  return {
    account: pathPart(options.account, 'account'),
    service: pathPart(options.service, 'service'),
    token,
    apiVersion,
    origin,
    // Of the newer API it is part of every path.
    prefix: apiVersion === 2 ? prefix.replace(/\/v[12]$/, '') : prefix,
    timeout: checkTimeout(options.timeout),
    dispatcher: options.dispatcher,
    clock,
  }
}

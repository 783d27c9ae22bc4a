import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { Dispatcher } from 'undici'
import {
  CLOCK,
  check,
  checkOptional,
  checkTimeout,
  DISPATCHER,
  oneOf,
  parseApiUrl,
  pathPart,
  TOKEN,
} from '../common/checks.ts'
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
  check('apiVersion', apiVersion, oneOf(1, 2))
  check('token', token, TOKEN)
  check('clock', clock, CLOCK)
  checkOptional('dispatcher', options.dispatcher, DISPATCHER)
  const { origin, prefix } = parseApiUrl(options.apiUrl ?? DEFAULT_API_URL)
  return {
    account: pathPart(options.account, 'account'),
    service: pathPart(options.service, 'service'),
    token,
    apiVersion,
    origin,
    // In v2 the version is part of every path.
    prefix: apiVersion === 2 ? prefix.replace(/\/v[12]$/, '') : prefix,
    timeout: checkTimeout(options.timeout),
    dispatcher: options.dispatcher,
    clock,
  }
}

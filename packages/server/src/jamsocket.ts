import { SessionBackendError } from '@session-backend/core'
import type { Jamsocket, JamsocketOptions } from './jamsocket/client.ts'
import { parseOptions } from './jamsocket/options.ts'
import { jamsocketV1 } from './jamsocket/v1.ts'
import { jamsocketV2 } from './jamsocket/v2.ts'

/**
 * A client of the platform's HTTP API, over keep-alive connections that are opened when they are needed.
 *
 * Calls that are safe to repeat are tried at most three times. What the platform says about a failure
 * (status, code, message, id) is the error's `cause`, a {@link PlatformAnswer}; the error's own message
 * never repeats it.
 *
 * @throws SessionBackendError `invalid_option` if an option is missing or wrong. Its methods throw as
 * {@link Platform} describes.
 */
export function jamsocket(options: JamsocketOptions): Jamsocket {
  const settings = parseOptions(options)
  return settings.apiVersion === 2 ? jamsocketV2(settings) : jamsocketV1(settings)
}

/**
 * A client configured by JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN and, if it is set,
 * JAMSOCKET_API_URL. With JAMSOCKET_DEV=true it talks to a mock platform on this machine instead, at
 * JAMSOCKET_DEV_PORT (default 8080).
 *
 * @throws SessionBackendError `invalid_option`, naming the variable that is missing.
 */
jamsocket.fromEnv = (
  env: Record<string, string | undefined>,
  options: Pick<JamsocketOptions, 'apiVersion' | 'timeout' | 'clock' | 'dispatcher'> = {},
): Jamsocket => {
  const read = (name: string) => {
    const value = env[name]
    if (value) return value
    const received = value === undefined ? 'nothing' : 'an empty string'
    throw new SessionBackendError(
      'invalid_option',
      `The environment variable ${name} must be set, got ${received}.`,
    )
  }
  return jamsocket({
    ...options,
    account: read('JAMSOCKET_ACCOUNT'),
    service: read('JAMSOCKET_SERVICE'),
    token: read('JAMSOCKET_TOKEN'),
    apiUrl:
      env.JAMSOCKET_DEV === 'true'
        ? `http://127.0.0.1:${env.JAMSOCKET_DEV_PORT || 8080}`
        : env.JAMSOCKET_API_URL || undefined,
  })
}

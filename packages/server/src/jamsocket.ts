import { SessionBackendError } from '@session-backend/core'
import { DEVELOPMENT } from '@session-backend/core/internal'
import type { Jamsocket, JamsocketOptions } from './jamsocket/client.ts'
import { parseOptions } from './jamsocket/options.ts'
import { jamsocketV1 } from './jamsocket/v1.ts'
import { jamsocketV2 } from './jamsocket/v2.ts'

/**
 * Creates a client of the platform's HTTP API. It opens keep-alive connections when they are needed.
 *
 * Calls that are safe to repeat are tried up to three times. The platform's answer to a failed call (status,
 * code, message, id) is the `cause` of the error, a {@link PlatformAnswer}. The error's message never
 * contains it.
 *
 * @throws SessionBackendError `invalid_option` if an option is missing or wrong. Its methods throw as
 * {@link Platform} describes.
 */
export function jamsocket(options: JamsocketOptions): Jamsocket {
  const settings = parseOptions(options)
  return settings.apiVersion === 2 ? jamsocketV2(settings) : jamsocketV1(settings)
}

/**
 * Creates a client from JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN and, if it is set,
 * JAMSOCKET_API_URL. With JAMSOCKET_DEV=true, it uses a mock platform on this machine instead, at
 * JAMSOCKET_DEV_PORT (default 8080). The account and token default to those of a mock platform that was started with
 * the same variable.
 *
 * @throws SessionBackendError `invalid_option` if a variable is missing. The message names it.
 */
jamsocket.fromEnv = (
  env: Record<string, string | undefined>,
  options: Pick<JamsocketOptions, 'apiVersion' | 'timeout' | 'clock' | 'dispatcher'> = {},
): Jamsocket => {
  const isDevelopment = env.JAMSOCKET_DEV === 'true'
  const read = (name: string, inDevelopment?: string) => {
    const value = env[name] || (isDevelopment ? inDevelopment : undefined)
    if (value) return value
    const received = env[name] === undefined ? 'nothing' : 'an empty string'
    throw new SessionBackendError(
      'invalid_option',
      `The environment variable ${name} must be set, got ${received}. During development, start the app by \`mock-platform -- <its command>\`, which sets it if there is one service.`,
    )
  }
  return jamsocket({
    ...options,
    account: read('JAMSOCKET_ACCOUNT', DEVELOPMENT.account),
    service: read('JAMSOCKET_SERVICE'),
    token: read('JAMSOCKET_TOKEN', DEVELOPMENT.token),
    apiUrl: isDevelopment
      ? `http://127.0.0.1:${env.JAMSOCKET_DEV_PORT || DEVELOPMENT.port}`
      : env.JAMSOCKET_API_URL || undefined,
  })
}

import { DEVELOPMENT, invalidOption } from '@session-backend/core/internal'
import type { MockPlatformOptions } from '../options/options.ts'

/**
 * The options that JAMSOCKET_DEV=true sets: an app with the same environment then finds the platform. The well-known access
 * token is only used if other machines can't reach the platform. With a `publicUrl`, they can through a tunnel,
 * which connects from this machine.
 */
export function developmentOptions(
  env: Readonly<Record<string, string | undefined>>,
  { host, publicUrl }: Pick<MockPlatformOptions, 'host' | 'publicUrl'>,
): MockPlatformOptions {
  if (env.JAMSOCKET_DEV !== 'true') return {}
  const isPrivate = isLoopback(host) && publicUrl === undefined
  const token = env.JAMSOCKET_TOKEN || (isPrivate ? DEVELOPMENT.token : undefined)
  return {
    port: readPort(env.JAMSOCKET_DEV_PORT),
    account: env.JAMSOCKET_ACCOUNT || DEVELOPMENT.account,
    ...(token !== undefined && { token }),
  }
}

function readPort(text: string | undefined): number {
  if (!text) return DEVELOPMENT.port
  const port = Number(text)
  if (Number.isInteger(port)) return port
  throw invalidOption('JAMSOCKET_DEV_PORT', 'a port', text)
}

function isLoopback(host = '127.0.0.1'): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

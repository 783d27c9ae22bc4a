import { SessionBackendError } from '@session-backend/core'

/**
 * Checks the one option that is often forgotten, in React by leaving out the provider. The others are for the
 * types to check: messages about them would weigh on every page.
 *
 * @throws SessionBackendError `invalid_option`.
 */
export function checkEndpoint<Options extends { endpoint?: string | undefined }>(
  options: Options,
): asserts options is Options & { endpoint: string } {
  if (options.endpoint) return
  throw new SessionBackendError(
    'invalid_option',
    `\`endpoint\` must be the path of your route, got ${options.endpoint}. In React, wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
  )
}

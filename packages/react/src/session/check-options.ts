import { SessionBackendError } from '@session-backend/core/internal'

/**
 * The options that callers without types get wrong. Each entry adds 7 bytes to every page, so the types alone
 * check the other options.
 */
const EXPECTED = {
  endpoint: 'the path of your route, a string',
  fetch: 'a function',
  connect: 'a function',
  statusSource: 'an object',
  overdueAfter: 'a number',
  onOverdue: 'a function',
}

/**
 * Checks the options of a provider, a hook or a client.
 *
 * @throws SessionBackendError `invalid_option`: "`name` must be …, got …."
 */
export function checkOptions<Options extends { endpoint?: string | undefined }>(
  options: Options,
): asserts options is Options & { endpoint: string } {
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const value: unknown = Reflect.get(options, name)
    if (value ? expected.endsWith(typeof value) : name !== 'endpoint') continue
    throw new SessionBackendError(
      'invalid_option',
      `\`${name}\` must be ${expected}, got ${
        value
          ? typeof value
          : `${value}. In React, wrap the app in <SessionBackendProvider endpoint="/api/sessions">`
      }.`,
    )
  }
}

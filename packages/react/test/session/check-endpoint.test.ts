import { expect, it } from 'vitest'
import { createSessionClient } from '../../src/client.ts'

it.each([undefined, ''])(
  'a client needs an endpoint: %j is refused, and the message says what to do',
  (endpoint) => {
    // @ts-expect-error what callers without types may do
    expect(() => createSessionClient({ endpoint })).toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: `\`endpoint\` must be the path of your route, got ${endpoint}. In React, wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
      }),
    )
  },
)

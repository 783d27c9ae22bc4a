import { expect, it } from 'vitest'
import { createSessionClient } from '../../src/client.ts'

it.each([undefined, ''])(
  'a client needs an endpoint: %j is refused, and the message says what to do',
  (endpoint) => {
    // @ts-expect-error what callers without types may do
    expect(() => createSessionClient({ endpoint })).toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: `\`endpoint\` must be the path of your route, a string, got ${endpoint}. In React, wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
      }),
    )
  },
)

it.each([
  ['endpoint', { endpoint: new URL('https://app.test/api') }, 'the path of your route, a string, got object'],
  ['fetch', { fetch: {} }, 'a function, got object'],
  ['statusSource', { statusSource: 'relay' }, 'an object, got string'],
])('refuses a client whose `%s` is of the wrong type, and says what it must be', (name, options, problem) => {
  // @ts-expect-error what callers without types may do
  expect(() => createSessionClient({ endpoint: '/api', ...options })).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: `\`${name}\` must be ${problem}.` }),
  )
})

it.each([
  ['connect', { connect: 'wss://app.test' }, 'a function, got string'],
  ['overdueAfter', { overdueAfter: '5 s' }, 'a number, got string'],
  ['onOverdue', { onOverdue: true }, 'a function, got boolean'],
])(
  'refuses to open a document whose `%s` is of the wrong type, and says what it must be',
  (name, options, problem) => {
    // @ts-expect-error what callers without types may do
    expect(() => createSessionClient({ endpoint: '/api' }).open('doc', options)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: `\`${name}\` must be ${problem}.` }),
    )
  },
)

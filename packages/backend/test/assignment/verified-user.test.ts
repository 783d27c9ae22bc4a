import { expect, it, onTestFinished } from 'vitest'
import { verifiedUser } from '../../src/index.ts'

it.each([
  ['Node', { headers: { 'x-verified-username': 'ada', 'x-verified-user-data': '{"role":"editor"}' } }],
  [
    'fetch',
    new Request('http://a.test', {
      headers: { 'X-Verified-Username': 'ada', 'x-verified-user-data': '{"role":"editor"}' },
    }),
  ],
])('reads who connects from a request of %s', (_kind, request) => {
  expect(verifiedUser(request)).toEqual({ user: 'ada', auth: { role: 'editor' } })
})

it.each([
  ['no headers', {}],
  ['empty ones', { 'x-verified-username': '', 'x-verified-user-data': '' }],
  ['no data', { 'x-verified-user-data': 'null' }],
])('knows nobody from %s', (_what, headers) => {
  expect(verifiedUser({ headers })).toEqual({ user: undefined, auth: undefined })
})

it.each([
  ['data that is not JSON', { 'x-verified-user-data': '{' }],
  ['a name that is there twice', { 'x-verified-username': ['ada', 'admin'] }],
])('refuses %s, which no platform sends', (_what, headers) => {
  expect(() => verifiedUser({ headers })).toThrow(expect.objectContaining({ code: 'bad_request' }))
})

it("reads a request of Node's http without loading Node's fetch, for which a new backend's first page would wait", () => {
  const headers = Object.getOwnPropertyDescriptor(globalThis, 'Headers') ?? {}
  onTestFinished(() => void Object.defineProperty(globalThis, 'Headers', headers))
  Object.defineProperty(globalThis, 'Headers', {
    configurable: true,
    get() {
      throw new Error('The global Headers was read.')
    },
  })
  expect(verifiedUser({ headers: { 'x-verified-username': 'ada' } }).user).toBe('ada')
})

import assert from 'node:assert/strict'
import type { Section } from '../case.ts'
import { jsonOf, refused } from '../platform.ts'

export const authentication: Section = {
  heading: 'Check authentication credentials',
  rows: [
    {
      row: 'GET /auth. Returns {"status":"ok"} if auth headers are valid.',
      title: 'the token of the account is valid',
      async run(platform) {
        assert.deepEqual(await jsonOf(await platform.request('/auth')), { status: 'ok' })
      },
    },
    {
      row: 'Otherwise returns a 401 status code.',
      title: 'no token, another token, a part of the token and another scheme are not',
      async run(platform) {
        const { token } = platform.options
        await refused(await platform.request('/auth', { token: null }), 401)
        for (const other of ['', 'not-the-token', token.slice(0, -1), `${token}x`]) {
          await refused(await platform.request('/auth', { token: other }), 401)
        }
        const headers = { authorization: `Basic ${token}` }
        await refused(await platform.request('/auth', { token: null, headers }), 401)
      },
    },
  ],
}

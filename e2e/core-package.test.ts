import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'

const entry = join(import.meta.dirname, '../packages/core/dist/index')

it.each([
  ['a module', () => import(`${entry}.js`)],
  ['CommonJS', async () => createRequire(import.meta.url)(`${entry}.cjs`)],
])('the built core prints its errors by the name of their class, as %s', async (_, load) => {
  const { SessionBackendError } = await load()
  const error = new SessionBackendError('not_found', 'There is no such backend.')
  expect(inspect(error)).toMatch(/^SessionBackendError: There is no such backend\.\n {4}at /)
  class Other extends SessionBackendError {}
  expect([error instanceof SessionBackendError, error instanceof Other]).toEqual([true, false])
})

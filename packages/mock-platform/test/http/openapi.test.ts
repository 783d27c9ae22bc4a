import { expect, it } from 'vitest'
import { OPENAPI } from '../../src/http/v1/openapi.ts'
import { startPlatform } from '../support/platform.ts'

it('describes itself to everybody, by what the tests check its answers against', async () => {
  const { url } = await startPlatform()
  const answer = await fetch(`${url}/openapi.json`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(OPENAPI)))
})

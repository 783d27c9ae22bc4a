import { expect, it } from 'vitest'
import { UserTokens } from '../../src/backends/user-tokens.ts'
import { openBackends } from '../support/backends.ts'

function open() {
  const { backend } = openBackends(() => {}).backends.spawn('doc', {})
  return new UserTokens(backend)
}

it('a token is found by itself, and vouches for its own user only', () => {
  const tokens = open()
  const [ada, ben] = [
    tokens.create({ user: 'ada', auth: { role: 'writer' } }),
    tokens.create({ user: 'ben' }),
  ]
  expect(tokens.find(ada.token)?.verifiedHeaders).toMatchObject({
    'x-verified-username': 'ada',
    'x-verified-user-data': '{"role":"writer"}',
  })
  expect(tokens.find(ben.token)).toBe(ben)
  expect(tokens.find(ada.secretToken ?? '')).toBeUndefined()
})

it('of more than 10,000 tokens for a backend the oldest are forgotten', () => {
  const tokens = open()
  const [first, second] = [tokens.create({}), tokens.create({})]
  for (let count = 2; count <= 10_000; count++) tokens.create({})
  expect(tokens.find(first.token)).toBeUndefined()
  expect(tokens.find(second.token)).toBe(second)
})

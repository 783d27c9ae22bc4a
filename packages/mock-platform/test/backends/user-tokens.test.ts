import { expect, it } from 'vitest'
import { Connections } from '../../src/backends/user-tokens.ts'
import { openBackends } from '../support/backends.ts'

function open() {
  const { backend } = openBackends(() => {}).backends.spawn('doc', {})
  return new Connections(backend)
}

it('a connection is found by its own token, and vouches for its own user', () => {
  const connections = open()
  const [ada, ben] = [
    connections.open({ user: 'ada', auth: { role: 'writer' } }),
    connections.open({ user: 'ben' }),
  ]
  expect(connections.find(ada.token)?.verifiedHeaders).toMatchObject({
    'x-verified-username': 'ada',
    'x-verified-user-data': '{"role":"writer"}',
  })
  expect(connections.find(ben.token)).toBe(ben)
  expect(connections.find(ada.secretToken ?? '')).toBeUndefined()
})

it('of more than 10,000 connections to a backend the oldest are forgotten', () => {
  const connections = open()
  const [first, second] = [connections.open({}), connections.open({})]
  for (let count = 2; count <= 10_000; count++) connections.open({})
  expect(connections.find(first.token)).toBeUndefined()
  expect(connections.find(second.token)).toBe(second)
})

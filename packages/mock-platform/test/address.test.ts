import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { nameOf, publicNameOf } from '../src/address.ts'

describe('the host of a URL', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['192.0.2.7', '192.0.2.7'],
    ['::1', '[::1]'],
    ['platform.example', 'platform.example'],
  ])('of a server bound to %s is %s', async (host, name) => {
    expect(nameOf(host)).toBe(name)
    expect(await publicNameOf(host)).toBe(name)
  })

  it.each(['0.0.0.0', '::'])(
    'of a server bound to %s is localhost here, and an address of this machine for others',
    async (host) => {
      expect(nameOf(host)).toBe('localhost')
      const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
      const reachable = own.filter(({ internal }) => !internal).map(({ address }) => address)
      expect([...reachable, 'localhost']).toContain(await publicNameOf(host))
    },
  )
})

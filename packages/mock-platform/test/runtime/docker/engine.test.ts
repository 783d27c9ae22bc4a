import { describe, expect, it } from 'vitest'
import { socketOf } from '../../../src/runtime/docker/engine.ts'
import { toBytes } from '../../../src/runtime/docker/memory.ts'
import { addressOf, reachOf } from '../../../src/runtime/docker/readiness.ts'

describe("the engine's socket", () => {
  it.each([
    [undefined, '/var/run/docker.sock'],
    ['', '/var/run/docker.sock'],
    ['unix:///run/user/1000/docker.sock', '/run/user/1000/docker.sock'],
  ])('for DOCKER_HOST %s is %s', (dockerHost, path) => {
    expect(socketOf(dockerHost)).toBe(path)
  })

  it.each(['tcp://10.0.0.1:2376', 'ssh://host', 'unix://relative', '/var/run/docker.sock'])(
    'is not at %s, and that is said',
    (dockerHost) => {
      expect(() => socketOf(dockerHost)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
      expect(() => socketOf(dockerHost)).toThrow(dockerHost)
    },
  )
})

describe('an amount of memory', () => {
  it.each([
    [64 * 1024 ** 2, 64 * 1024 ** 2],
    ['6m', 6 * 1024 ** 2],
    ['512M', 512 * 1024 ** 2],
    ['2g', 2 * 1024 ** 3],
    ['8192k', 8 * 1024 ** 2],
    ['8388608b', 8 * 1024 ** 2],
    ['8388608', 8 * 1024 ** 2],
  ])('%s is %d bytes', (memory, bytes) => {
    expect(toBytes(memory)).toBe(bytes)
  })

  it.each([undefined, null, '', 'm', '1.5g', '-1g', '1t', '5m', 0, Number.NaN, 1e300, {}])(
    '%s is none',
    (memory) => {
      expect(toBytes(memory)).toBeUndefined()
    },
  )
})

describe('a container is reached', () => {
  it.each([
    ['at its own address', 'Debian', [], 'linux', 'bridge'],
    ['by a port of this machine, in Docker Desktop', 'Docker Desktop', [], 'linux', 'published'],
    [
      'by a port of this machine, where Docker runs rootless',
      'Debian',
      ['name=rootless'],
      'linux',
      'published',
    ],
    ['by a port of this machine, on a Mac', 'Alpine', [], 'darwin', 'published'],
  ] as const)('%s', (_, OperatingSystem, SecurityOptions, platform, reach) => {
    expect(reachOf({ OperatingSystem, SecurityOptions }, platform)).toBe(reach)
  })

  const container = {
    NetworkSettings: {
      Networks: { bridge: { IPAddress: '172.17.0.2' } },
      Ports: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '49153' }] },
    },
  }

  it('where the engine says', () => {
    expect(addressOf(container, 'bridge')).toEqual({ host: '172.17.0.2', port: 8080 })
    expect(addressOf(container, 'published')).toEqual({ host: '127.0.0.1', port: 49_153 })
  })

  it.each([
    undefined,
    {},
    { NetworkSettings: { Networks: {}, Ports: {} } },
    { NetworkSettings: { Networks: { bridge: { IPAddress: '' } }, Ports: { '8080/tcp': null } } },
  ])('nowhere, where the engine says %j', (described) => {
    for (const reach of ['bridge', 'published'] as const) {
      expect(() => addressOf(described, reach)).toThrow('no address')
    }
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toBytes } from '../../../src/options/memory.ts'
import { socketOf } from '../../../src/runtime/docker/engine.ts'
import { addressOf, reachOf, whenContainerListens } from '../../../src/runtime/docker/readiness.ts'
import { startEngine } from './fake-engine.ts'

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

describe('the engine', () => {
  it('is asked in JSON, and answers in it', async () => {
    const { engine, received } = await startEngine((request, response) => request.pipe(response))
    expect(await engine.call('POST', '/containers/create', { json: { Image: 'editor' } })).toEqual({
      Image: 'editor',
    })
    expect(received[0]?.headers['content-type']).toBe('application/json')
  })

  it.each([
    ['{"message":"No such image: editor"}', 'No such image: editor'],
    ['<html>', 'Docker answered with 500.'],
  ])('refuses in its own words, if it has any: %s', async (answer, message) => {
    const { engine } = await startEngine((_, response) => response.writeHead(500).end(answer))
    await expect(engine.call('GET', '/info')).rejects.toThrow(message)
    await expect(engine.stream('POST', '/images/create')).rejects.toThrow(message)
  })

  it('may refuse if that is expected', async () => {
    const { engine } = await startEngine((_, response) => response.writeHead(404).end('{}'))
    expect(await engine.call('DELETE', '/containers/x', { expected: [404] })).toBeUndefined()
  })
})

describe("a container's server", () => {
  const never = new AbortController().signal

  /** A port at which this many connections are closed before there is an answer. */
  async function listenAfter(refusals: number) {
    let connections = 0
    const server = createServer((_, response) => response.writeHead(404).end())
    server.on('connection', (socket) => {
      if (++connections <= refusals) socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    return { address: { host: '127.0.0.1', port }, connections: () => connections }
  }

  it('listens when it takes a connection, at its own address', async () => {
    const { address, connections } = await listenAfter(0)
    await whenContainerListens(address, 'bridge', never)
    await expect.poll(connections).toBe(1)
  })

  it('listens when it answers, and be it with 404, behind a port that Docker always opens', async () => {
    const { address, connections } = await listenAfter(3)
    await whenContainerListens(address, 'published', never)
    expect(connections()).toBe(4)
  })

  it('is not looked for any more when the backend has ended', async () => {
    const { address } = await listenAfter(Number.POSITIVE_INFINITY)
    const ended = new AbortController()
    const looking = whenContainerListens(address, 'published', ended.signal)
    ended.abort()
    await expect(looking).rejects.toMatchObject({ name: 'AbortError' })
  })
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
    '%s is refused',
    (memory) => {
      expect(toBytes(memory)).toBeUndefined()
    },
  )
})

describe('a container is reached', () => {
  it.each([
    ['at its own address', 'Debian', [], 'linux', 'bridge'],
    ['by a port of this machine, in Docker Desktop', 'Docker Desktop', [], 'linux', 'published'],
    ['by a port of this machine, if Docker runs rootless', 'Debian', ['name=rootless'], 'linux', 'published'],
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
  ])('nowhere, if the engine says %j', (described) => {
    for (const reach of ['bridge', 'published'] as const) {
      expect(() => addressOf(described, reach)).toThrow('no address')
    }
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { pauseAfter, whenTreeListens } from '../../src/runtime/listening.ts'
import { reservePort } from '../../src/runtime/port.ts'
import { ProcessTree } from '../../src/runtime/process-tree.ts'
import { BACKEND, Client, startPlatform } from '../support/platform.ts'

describe('a reserved port', () => {
  it('is given to nobody who asks for any port, and to the backend that asks for this one', async () => {
    const reserved = await reservePort()
    onTestFinished(reserved.release)
    const others = await Promise.all(Array.from({ length: 200 }, () => reservePort()))
    for (const { release } of others) release()
    const ports = new Set([reserved.port, ...others.map(({ port }) => port)])
    expect(ports.size).toBe(201)
    const backend = createServer().listen(reserved.port)
    await once(backend, 'listening')
    backend.close()
  })
})

describe('readiness', () => {
  it('is looked for again within 10 ms, while fewer than ten start at once', () => {
    for (let attempt = 0; attempt < 5_000; attempt++) {
      for (const startingAtOnce of [1, 5, 9]) expect(pauseAfter(attempt, startingAtOnce)).toBeLessThan(10)
    }
  })

  it('is seen after the backend listens, and never before', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready({ env: { LISTEN_AFTER: '50' } })
    const { time } = await (await client.call(`/backend/${session.name}/status`)).json()
    await client.terminate(session)
    await client.until(session)
    const line = (await client.log(session)).find((text) => text.startsWith('listens from '))
    // The platform's clock and the backend's are rounded to milliseconds, each for itself.
    expect(Date.parse(time)).toBeGreaterThanOrEqual(Number(line?.split(' ')[2]) - 2)
  })

  it('is not said of a backend whose port another program listens on', async () => {
    const stranger = createServer().listen(0)
    await once(stranger, 'listening')
    onTestFinished(() => void stranger.close())
    const address = stranger.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const group = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    })
    onTestFinished(() => void group.kill('SIGKILL'))
    const searching = new AbortController()
    const found = whenTreeListens(port, new ProcessTree('nobody', group.pid), searching.signal).catch(
      () => 'not found',
    )
    await once(stranger, 'connection')
    await once(stranger, 'connection')
    searching.abort()
    expect(await found).toBe('not found')
  })

  it('is seen of a process that the leader started, and on IPv6 alone', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ['-e',
      'require("node:http").createServer((_, res) => res.end("grandchild")).listen(process.env.PORT, "::1")'],
      { stdio: 'inherit' })`
    const services = { editor: { command: [process.execPath, '-e', script] as const } }
    const client = new Client(await startPlatform({ services }))
    const session = await client.ready()
    expect(await (await fetch(session.url)).text()).toBe('grandchild')
  })
})

describe('what a backend finds', () => {
  it('is the reserved variables, also if the request sets them, and no input', async () => {
    const client = new Client(await startPlatform())
    const reserved = {
      PORT: '1',
      SESSION_BACKEND_ID: 'x',
      SESSION_BACKEND_KEY: 'x',
      SESSION_BACKEND_FENCING_TOKEN: 'x',
      JAMSOCKET_SERVICE: 'x',
    }
    const session = await client.ready({ lock: 'doc', env: { ...reserved, MINE: 'a "b" $c\n' } })
    const env = await (await fetch(`${session.url}env`)).json()
    expect(env).toMatchObject({
      SESSION_BACKEND_ID: session.name,
      SESSION_BACKEND_KEY: 'doc',
      SESSION_BACKEND_FENCING_TOKEN: expect.stringMatching(/^\d+$/),
      JAMSOCKET_SERVICE: 'editor',
      PORT: expect.stringMatching(/^\d{4,5}$/),
      MINE: 'a "b" $c\n',
    })
    expect(env.PORT).not.toBe('1')
  })

  it.each(['the service', 'the platform'])(
    'is also the variables of %s that no shell has a name for',
    async (of) => {
      const variables = {
        'app.log-level': 'a "b" $c\n',
        '-x': '1',
        '9lives': '',
        'npm_config_@acme:registry': 'é',
      }
      const services = { editor: { command: BACKEND, ...(of === 'the service' && { env: variables }) } }
      if (of === 'the platform')
        for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
      onTestFinished(() => void vi.unstubAllEnvs())
      const client = new Client(await startPlatform({ services }))
      const session = await client.ready()
      expect(await (await fetch(`${session.url}env`)).json()).toMatchObject(variables)
    },
  )
})

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { holds, listeners, listeningSockets } from '../../src/runtime/proc-net.ts'

it.skipIf(process.platform !== 'linux')(
  'who listens on a port is known by the sockets it holds',
  async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const isListening = (pid: number, port: number) => holds(pid, [...listeningSockets(port)])
    // Sockets that come and go at the same time can hide it from one look at the kernel's table.
    await vi.waitFor(() => expect(isListening(process.pid, port)).toBe(true), 10_000)
    const { pid: dead } = spawnSync(process.execPath, ['--version'])
    expect(isListening(dead, port)).toBe(false)
    server.close()
    await once(server, 'close')
    expect(isListening(process.pid, port)).toBe(false)
  },
)

it.skipIf(process.platform !== 'linux').each(['127.0.0.1', '0.0.0.0', '::1', '::'])(
  'names the address %s of a socket that listens',
  async (host) => {
    const server = createServer().listen(0, host)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await vi.waitFor(
      () => expect([...listeners()]).toContainEqual(expect.objectContaining({ host, port })),
      10_000,
    )
  },
)

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { endsOf, readTcpTable, stateOf } from '../../src/proxy/tcp-table.ts'

it.runIf(process.platform === 'linux').each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '127.0.0.1'],
  ['::', '::1'],
])('finds both ends of a connection that a server at %s has with a client at %s', async (host, address) => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const at = server.address()
  const port = typeof at === 'object' && at ? at.port : 0
  const client = connect(port, address)
  const [socket]: Socket[] = await once(server, 'connection')
  if (!socket) return expect.fail('There is no connection.')
  onTestFinished(() => {
    server.close()
    socket.destroy()
    client.destroy()
  })
  const { ours, clients } = endsOf(socket)
  const states = async () => {
    const table = await readTcpTable()
    return [stateOf(table, ours), stateOf(table, clients)]
  }
  expect(await states()).toEqual(['open', 'open'])
  client.destroy()
  await vi.waitFor(async () => expect((await states())[1]).toBe('orphan'), 10_000)
})

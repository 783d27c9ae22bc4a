import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startBackend } from './backend.ts'

it('refuses a socket without a valid ticket, whatever its address is', async () => {
  const backend = await startBackend()
  for (const path of ['/', '//', '/?ticket=none']) {
    const [code] = await once(backend.open(path), 'close')
    expect(code).toBe(4401)
  }
  await Promise.all(backend.admitted)
})

it('survives a socket that breaks the rules before it is refused', async () => {
  const backend = await startBackend()
  const { host, hostname, port } = backend.address
  const socket = connect(Number(port), hostname)
  const reserved = Buffer.from([0xf1, 0x80, 0, 0, 0, 0])
  socket.write(
    Buffer.concat([
      Buffer.from(
        `GET /?ticket=none HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
      reserved,
    ]),
  )
  socket.resume()
  await once(socket, 'close')
})

it('lets nobody in who left while their ticket was read', async () => {
  const backend = await startBackend()
  backend.server.once('connection', (socket) => socket.terminate())
  const gone = backend.open(`/?ticket=${await backend.ticket()}`)
  await once(gone, 'close')
  await Promise.all(backend.admitted)

  const [message] = await once(backend.open(`/?ticket=${await backend.ticket()}`), 'message')
  expect(JSON.parse(String(message)).people).toHaveLength(1)
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { defineProtocol } from '@session-backend/core'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { Doc } from 'yjs'
import type { Connect } from '../../src/connection/connect.ts'
import { webSocket } from '../../src/connection/web-socket.ts'
import { messages } from '../../src/messages.ts'
import { socketIo } from '../../src/socket-io.ts'
import { yjs } from '../../src/yjs.ts'
import { createContext } from '../support/context.ts'

const protocol = defineProtocol({ toBackend: {}, toPage: {} })

const connects: [string, Connect<unknown, never>][] = [
  ['webSocket', webSocket({ WebSocket })],
  ['messages', messages(protocol, { WebSocket })],
  ['yjs', yjs(new Doc(), { WebSocket })],
  ['socketIo', socketIo()],
]

it.each(connects)('%s opens nothing if its signal is aborted already', async (_, connect) => {
  let connections = 0
  const server = createServer().on('connection', (socket) => {
    connections++
    socket.destroy()
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { context, controller, onLost } = createContext<never>(`http://127.0.0.1:${port}/`)
  const reason = new Error('The page has moved on.')
  controller.abort(reason)
  await expect(Promise.resolve(connect(context))).rejects.toBe(reason)
  // A connection that was made before this one would have arrived before it.
  await once(connectSocket(port, '127.0.0.1').resume(), 'close')
  expect([connections, onLost.mock.calls]).toEqual([1, []])
})

import { Server } from 'socket.io'
import type { Socket } from 'socket.io-client'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import type { Connect } from '../src/connection/connect.ts'
import { socketIo } from '../src/socket-io.ts'
import { openSession, startApp } from './support/app.ts'

interface ListenEvents {
  said: (text: string) => void
}
interface EmitEvents {
  say: (text: string, done?: (count: number) => void) => void
  crash: () => void
}

/** What all backends of a test have received. */
const received: string[] = []
const transports: string[] = []

afterEach(() => {
  received.length = 0
  transports.length = 0
})

function startRooms() {
  return startApp((server, { exit }) => {
    const io = new Server<EmitEvents, ListenEvents>(server)
    io.on('connection', (socket) => {
      transports.push(socket.conn.transport.name)
      socket.on('say', (text, done) => {
        received.push(text)
        socket.emit('said', text)
        done?.(received.length)
      })
      socket.on('crash', () => exit(1))
    })
  })
}

async function openRoom(options: Parameters<typeof socketIo>[0] = {}, onMessage: Partial<ListenEvents> = {}) {
  const { endpoint } = await startRooms()
  const connect = socketIo<ListenEvents, EmitEvents>(options)
  const room = openSession(endpoint, { connect, onMessage })
  const connected = () =>
    vi.waitFor(
      () => {
        expect(room.session.phase).toBe('connected')
        return room.session.connection as Socket<ListenEvents, EmitEvents>
      },
      { timeout: 10_000 },
    )
  return { room, connected }
}

describe('socketIo', () => {
  it('connects by polling, upgrades to a WebSocket, and answers acknowledgements', async () => {
    const { connected } = await openRoom()
    const socket = await connected()
    expect(transports).toEqual(['polling'])
    await vi.waitFor(() => expect(socket.io.engine.transport.name).toBe('websocket'))
    expect(await socket.timeout(5000).emitWithAck('say', 'hello')).toBe(1)
  })

  it('connects by a WebSocket alone, and by polling alone', async () => {
    for (const transport of ['websocket', 'polling']) {
      const { connected } = await openRoom({ transports: [transport] })
      const socket = await connected()
      expect(socket.io.engine.transport.name).toBe(transport)
    }
  })

  it('is the same socket after the backend was replaced, with its listeners and what was emitted meanwhile', async () => {
    const { room, connected } = await openRoom()
    const socket = await connected()
    const heard: string[] = []
    socket.on('said', (text) => heard.push(text))
    const { name } = room.session
    socket.emit('crash')
    await vi.waitFor(() => expect(room.session.phase).toBe('reconnecting'))
    for (const text of ['one', 'two', 'three']) socket.emit('say', text)
    expect(await connected()).toBe(socket)
    expect(room.session.name).not.toBe(name)
    await vi.waitFor(() => expect(heard).toEqual(['one', 'two', 'three']))
    expect(received).toEqual(['one', 'two', 'three'])
  })

  it('gives each event to the `onMessage` of the component, once, also after a reconnect', async () => {
    const heard: string[] = []
    const { room, connected } = await openRoom({}, { said: (text) => heard.push(text) })
    await connected()
    room.session.reconnect()
    await vi.waitFor(() => expect(transports).toHaveLength(2))
    const socket = await connected()
    socket.emit('say', 'hello')
    await vi.waitFor(() => expect(heard).toEqual(['hello']))
    expect(heard).toEqual(['hello'])
  })

  it('closes its socket with the session', async () => {
    const { room, connected } = await openRoom()
    const socket = await connected()
    room.session.disconnect()
    expect(socket.connected).toBe(false)
    expect(room.session.phase).toBe('ended')
  })

  it('types the socket and `onMessage` by the events', () => {
    const connect = socketIo<ListenEvents, EmitEvents>()
    expectTypeOf(connect).toEqualTypeOf<Connect<Socket<ListenEvents, EmitEvents>, Partial<ListenEvents>>>()
  })
})

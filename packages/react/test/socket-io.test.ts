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
    io.use(({ handshake }, next) => {
      const { code } = handshake.auth
      next(code ? Object.assign(new Error('You are not on the list.'), { data: { code } }) : undefined)
    })
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

  it('is the same socket after the backend was replaced, with its listeners and what was emitted in between', async () => {
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

  it.each([
    [4401, 'unauthenticated'],
    [4403, 'forbidden'],
  ])('fails if a middleware of the backend refuses it with code %i', async (code, expected) => {
    const { room } = await openRoom({ auth: { code } })
    await vi.waitFor(() => expect(room.session).toMatchObject({ phase: 'failed', error: { code: expected } }))
  })

  it('keeps trying if a middleware refuses it without a code that is final', async () => {
    const { room } = await openRoom({ auth: { code: 'later' } })
    await vi.waitFor(() =>
      expect(room.session).toMatchObject({ phase: 'connecting', error: { code: 'connection_failed' } }),
    )
  })

  it('keeps up to `maxQueued` events while there is no connection, and throws at the next one', async () => {
    const { room, connected } = await openRoom({ maxQueued: 3 })
    const socket = await connected()
    socket.emit('crash')
    await vi.waitFor(() => expect(room.session.phase).toBe('reconnecting'))
    for (const text of ['one', 'two', 'three']) socket.emit('say', text)
    expect(() => socket.emit('say', 'four')).toThrow(expect.objectContaining({ code: 'connection_failed' }))
    await connected()
    await vi.waitFor(() => expect(received).toEqual(['one', 'two', 'three']))
    socket.emit('say', 'four')
    await vi.waitFor(() => expect(received).toEqual(['one', 'two', 'three', 'four']))
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

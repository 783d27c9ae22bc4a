import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket as WebSocketNode } from 'ws'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import {
  type MessageListener,
  WebSocketConnection,
  type WebSocketOptions,
  webSocket,
} from '../../src/connection/web-socket.ts'
import { createContext } from '../support/context.ts'
import { FakeSocket } from '../support/world.ts'

/** Connects once; `again` connects as the session does after a loss. */
function connect(options: WebSocketOptions = {}, listeners: MessageListener[] = []) {
  const sockets: FakeSocket[] = []
  class Socket extends FakeSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }
  const open = webSocket({ ...options, WebSocket: Socket })
  const again = (previous: unknown) => {
    const { context, ...rest } = createContext<MessageListener>(undefined, listeners)
    return { ...rest, made: Promise.resolve(open({ ...context, previous })) }
  }
  return { sockets, again, ...again(undefined) }
}

async function connected(options?: WebSocketOptions, listeners?: MessageListener[]) {
  const attempt = connect(options, listeners)
  attempt.sockets[0]?.open()
  return { ...attempt, connection: await attempt.made }
}

describe('the socket', () => {
  it('goes to the URL of the session, as wss for https', () => {
    expect(connect().sockets[0]?.url).toBe('wss://a.example.test/secret/')
  })

  it('has the binary type and the protocols that were asked for', () => {
    const [socket] = connect({ binaryType: 'blob', protocols: ['v2', 'v1'] }).sockets
    expect(socket).toMatchObject({ binaryType: 'blob', protocols: ['v2', 'v1'] })
    expect(connect().sockets[0]?.binaryType).toBe('arraybuffer')
  })

  it('is closed by the signal, and then reports nothing', async () => {
    const { controller, sockets, onLost } = await connected()
    controller.abort()
    expect(sockets[0]).toMatchObject({ readyState: 3, onclose: null, onmessage: null })
    expect(onLost).not.toHaveBeenCalled()
  })

  it('is reported as lost, with its code, when it closes by itself', async () => {
    const { sockets, onLost } = await connected()
    sockets[0]?.drop(4403)
    expect(onLost).toHaveBeenCalledWith({ code: 4403 })
  })
})

describe('a real socket in Node, where an error that nobody listens to ends the process', () => {
  async function openReal() {
    const server = createServer((_, response) => response.writeHead(426).end())
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const { context, controller, onLost } = createContext<MessageListener>(
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    )
    let closed: Promise<unknown> | undefined
    class Socket extends WebSocketNode {
      constructor(url: string) {
        super(url)
        closed = new Promise((done) => this.on('close', done))
      }
    }
    void webSocket({ WebSocket: Socket })(context)
    return { controller, onLost, closed }
  }

  it('is lost when its handshake is refused', async () => {
    const { onLost, closed } = await openReal()
    await closed
    expect(onLost).toHaveBeenCalled()
  })

  it('is closed while it still connects', async () => {
    const { controller, onLost, closed } = await openReal()
    controller.abort()
    await closed
    expect(onLost).not.toHaveBeenCalled()
  })
})

describe('sending', () => {
  it('goes over the open socket', async () => {
    const { connection, sockets } = await connected()
    expect(connection.send('hello')).toBe(true)
    expect(sockets[0]?.sent).toEqual(['hello'])
  })

  it('while there is no socket is queued within the bound, and sent in order over the next one', async () => {
    const { connection, sockets, again } = await connected({ maxQueued: 2 })
    sockets[0]?.drop()
    expect(['one', 'two', 'three'].map((message) => connection.send(message))).toEqual([true, true, false])
    const { made } = again(connection)
    expect(sockets[1]?.sent).toEqual([])
    sockets[1]?.open()
    expect(await made).toBe(connection)
    expect(sockets[1]?.sent).toEqual(['one', 'two'])
  })

  it('while there is no socket is refused if nothing may be queued', async () => {
    const { connection, sockets } = await connected({ maxQueued: 0 })
    sockets[0]?.drop()
    expect(connection.send('one')).toBe(false)
  })
})

describe('receiving', () => {
  it('calls every listener, until it leaves, over every socket', async () => {
    const { connection, sockets, again } = await connected()
    const received: unknown[] = []
    const listener = (message: unknown) => void received.push(message)
    const leave = connection.subscribe(listener)
    connection.subscribe(listener)
    sockets[0]?.receive('both')
    leave()
    again(connection)
    sockets[1]?.open()
    sockets[1]?.receive('one')
    expect(received).toEqual(['both', 'both', 'one'])
  })

  it('calls a listener once if it unsubscribes and subscribes again during the call, and none that has unsubscribed', async () => {
    const { connection, sockets } = await connected()
    const received: unknown[] = []
    let leave = () => {}
    const comeBack = () => {
      leave()
      leave = connection.subscribe((message) => {
        received.push(message)
        if (received.length < 5) comeBack()
        leaveToo()
      })
    }
    comeBack()
    const leaveToo = connection.subscribe(() => received.push('too late'))
    sockets[0]?.receive('once')
    expect(received).toEqual(['once'])
  })

  it('keeps what arrives before the first listener', async () => {
    const { connection, sockets } = await connected()
    sockets[0]?.receive('early')
    const received: unknown[] = []
    connection.subscribe((message) => received.push(message))
    expect(received).toEqual(['early'])
  })

  it('keeps no more than 256 messages', async () => {
    const { connection, sockets } = await connected({ maxQueued: 0 })
    for (let number = 0; number < 300; number++) sockets[0]?.receive(number)
    const received: unknown[] = []
    connection.subscribe((message) => received.push(message))
    expect(received).toEqual(Array.from({ length: 256 }, (_, number) => number))
  })
})

describe('ping', () => {
  const ping = { message: 'ping', interval: 10_000, timeout: 5000 }

  it('is sent after a silence; any answer is enough', async () => {
    const clock = new FakeClock()
    const { sockets, onLost } = await connected({ ping, clock })
    clock.advance(9999)
    sockets[0]?.receive('something')
    clock.advance(9999)
    expect(sockets[0]?.sent).toEqual([])
    clock.advance(1)
    expect(sockets[0]?.sent).toEqual(['ping'])
    sockets[0]?.receive('pong')
    clock.advance(5000)
    expect(onLost).not.toHaveBeenCalled()
  })

  it('ends the connection if there is no answer', async () => {
    const clock = new FakeClock()
    const { onLost } = await connected({ ping, clock })
    clock.advance(15_000)
    expect(onLost).toHaveBeenCalledTimes(1)
  })

  it('is no longer sent once the connection is closed', async () => {
    const clock = new FakeClock()
    const { sockets, onLost, controller } = await connected({ ping, clock })
    controller.abort()
    clock.advance(60_000)
    expect([sockets[0]?.sent, onLost.mock.calls]).toEqual([[], []])
  })
})

it('a connection can be told apart from others', async () => {
  expect((await connected()).connection).toBeInstanceOf(WebSocketConnection)
})

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { SessionBackendError } from '@session-backend/core'
import { onTestFinished } from 'vitest'
import type { Address } from '../../src/address.ts'
import { serve } from '../../src/http/server.ts'
import { type BackendProxy, createProxy } from '../../src/proxy/index.ts'
import type { ProxyRoute } from '../../src/proxy/route.ts'
import { SERVER_OPTIONS } from '../../src/server/messages.ts'

/** What the platform knows of one backend, written down as simply as possible. */
export class FakeBackend implements ProxyRoute {
  /** How many connections are open, by the proxy's word, and every number that there was. */
  connections = 0
  readonly counts: number[] = []
  readonly verifiedHeaders: Record<string, string> = { 'x-verified-username': 'ada' }
  readonly #end = new AbortController()
  readonly #waiting = new Set<{ resolve(address: Address): void; reject(error: unknown): void }>()
  #address: Address | undefined

  get ended(): AbortSignal {
    return this.#end.signal
  }

  get waiting(): number {
    return this.#waiting.size
  }

  whenReady(signal: AbortSignal): Promise<Address> {
    if (this.#address) return Promise.resolve(this.#address)
    return new Promise<Address>((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiting.add(waiter)
      signal.addEventListener('abort', () => {
        this.#waiting.delete(waiter)
        reject(signal.reason)
      })
    })
  }

  spoke(): void {}

  enter(): () => void {
    this.counts.push(++this.connections)
    let open = true
    return () => {
      if (open) this.counts.push(--this.connections)
      open = false
    }
  }

  ready(address: Address): void {
    this.#address = address
    for (const { resolve } of this.#waiting) resolve(address)
    this.#waiting.clear()
  }

  end(): void {
    for (const { reject } of this.#waiting) reject(new SessionBackendError('gone', 'The backend has ended.'))
    this.#waiting.clear()
    this.#end.abort()
  }
}

/** A server on a free port that tells how many sockets it holds. */
export class Listener {
  readonly sockets = new Set<Socket>()
  private constructor(readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
  }

  static async open(server: Server): Promise<Listener> {
    const listener = new Listener(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return listener
  }

  get address(): Address {
    const { address, port } = this.server.address() as AddressInfo
    return { host: address, port }
  }

  async close(): Promise<void> {
    if (!this.server.listening) return
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }
}

/** A proxy before one backend: the URL of the backend is `/doc/secret/`. */
export class House {
  readonly backend = new FakeBackend()
  readonly problems: unknown[] = []
  private constructor(
    readonly proxy: BackendProxy,
    readonly front: Listener,
    readonly back: Listener,
  ) {}

  static async open(handler: RequestListener, { start = true, server = {} } = {}): Promise<House> {
    const proxy = createProxy(
      {
        find: (name, token) =>
          name === 'doc' && token === 'secret' && !house.backend.ended.aborted ? house.backend : undefined,
      },
      { onProblem: (problem) => house.problems.push(problem) },
    )
    const front = createServer({ ...SERVER_OPTIONS, ...server })
    const api: RequestListener = (_req, res) => void res.writeHead(404).end()
    serve(front, api, proxy, { of: ({ name, token }) => `/${name}/${token}/`, parse: target })
    const house = new House(proxy, await Listener.open(front), await Listener.open(createServer(handler)))
    if (start) house.backend.ready(house.back.address)
    onTestFinished(() => house.close())
    return house
  }

  get origin(): string {
    return `http://127.0.0.1:${this.front.address.port}`
  }

  url(path = '/'): string {
    return `${this.origin}/doc/secret${path}`
  }

  async close(): Promise<void> {
    await this.proxy.close()
    await this.front.close()
    await this.back.close()
  }

  /** Opens a bare connection to the proxy. */
  dial(): Socket {
    const socket = connect(this.front.address.port, '127.0.0.1')
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    return socket
  }

  /** Sends bytes as they are and reads until the proxy closes the connection. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = this.dial()
    socket.write(bytes, 'latin1')
    return text(socket)
  }
}

function target(req: IncomingMessage) {
  const [, name = '', token = '', rest = ''] = /^\/([^/?]*)\/?([^/?]*)(.*)$/.exec(req.url ?? '') ?? []
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return { name, token, path, originalPath: req.url ?? '/', protocol: 'http' as const, sharedOrigin: true }
}

/** All of a stream, as Latin-1. */
export async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream) chunks.push(chunk)
  } catch {
    // What came before the reset is what was received.
  }
  return Buffer.concat(chunks).toString('latin1')
}

/** A request by node's own client, which shows what fetch hides. */
export function open(url: string, options: Parameters<typeof request>[1] = {}) {
  const req = request(url, { agent: false, ...options })
  const answer = once(req, 'response').then(([message]: IncomingMessage[]) => {
    if (message === undefined) throw new Error('There is no answer.')
    return message
  })
  answer.catch(() => {})
  req.on('error', () => {})
  return { req, answer }
}

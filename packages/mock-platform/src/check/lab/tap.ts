import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between pages and their backend: counts what the backend sends, and can stop reading it. */
export class Tap {
  /** How many bytes the backend has sent so far, as far as they were read. */
  received = 0
  readonly #sockets = new Set<Socket>()
  readonly #upstreams = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    /** Where pages reach the backend through this, as `ws:`. */
    readonly url: string,
  ) {}

  /** @param url The backend's URL, as `ws:`. */
  static async open(url: string): Promise<Tap> {
    const { hostname, port } = new URL(url)
    const server = createServer((page) => tap.#join(page, connect(Number(port), hostname)))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const own = new URL(url)
    own.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const tap = new Tap(server, own.href)
    return tap
  }

  #join(page: Socket, backend: Socket): void {
    this.#upstreams.add(backend)
    for (const socket of [page, backend]) {
      this.#sockets.add(socket)
      // What follows is 'close'.
      socket.on('error', () => {})
      socket.once('close', () => {
        this.#sockets.delete(socket)
        this.#upstreams.delete(socket)
        page.destroy()
        backend.destroy()
      })
    }
    page.pipe(backend)
    backend.on('data', (data) => {
      this.received += data.length
      page.write(data)
    })
  }

  /** Whether the backend has closed all connections, as far as it was read. */
  get isClosed(): boolean {
    return this.#upstreams.size === 0
  }

  stopReading(): void {
    for (const backend of this.#upstreams) backend.pause()
  }

  readOn(): void {
    for (const backend of this.#upstreams) backend.resume()
  }

  close(): void {
    this.server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

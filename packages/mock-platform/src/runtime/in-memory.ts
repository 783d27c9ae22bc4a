import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Serve } from '../options/options.ts'
import { type Instance, type Launch, type Observer, type Runtime, socketVariable } from './runtime.ts'

/** How many connections may wait to be accepted, when many pages come back at once. */
const BACKLOG = 4096

/** Runs backends as functions of this process: no process is started, which is fast. */
export const inMemoryRuntime: Runtime<Serve> = {
  start: (launch, observer) => new InMemoryInstance(launch, observer),
}

class InMemoryInstance implements Instance {
  readonly #server = createServer()
  /** All of them, WebSockets included, which a server does not close itself. */
  readonly #sockets = new Set<Socket>()
  readonly #asked = new AbortController()
  #beforeEnd: () => unknown = () => {}
  /** Whether the server has begun to listen. */
  #open = false
  #over = false

  constructor(
    private readonly launch: Launch<Serve>,
    private readonly observer: Observer,
  ) {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    queueMicrotask(() => void this.#run())
  }

  terminate(): void {
    if (this.#asked.signal.aborted) return
    this.#asked.abort()
    const prepared = (async () => this.#beforeEnd())()
    prepared.then(
      () => this.#end(0),
      () => this.#end(1),
    )
  }

  kill(): void {
    this.#end(null)
  }

  async #run(): Promise<void> {
    const { observer, launch } = this
    try {
      await once(this.#server.listen(0, '127.0.0.1', BACKLOG), 'listening')
      this.#open = true
      if (this.#over) return this.#close()
      const { port } = this.#server.address() as AddressInfo
      observer.launched()
      await launch.program(this.#server, {
        env: { ...launch.env, ...socketVariable(launch.warm), PORT: String(port) },
        log: (line) => observer.output(`${line}\n`, 'log'),
        exit: (code) => this.#end(code),
        beforeEnd: (callback) => {
          this.#beforeEnd = callback
        },
        signal: this.#asked.signal,
      })
      await launch.warm?.saysReady
      if (!this.#over) observer.listening({ host: '127.0.0.1', port })
    } catch (error) {
      if (this.#over) return
      observer.failed(error instanceof Error ? error.message : String(error))
      this.#end(1)
      if (!this.#open) observer.gone()
    }
  }

  #end(code: number | null): void {
    if (this.#over) return
    this.#over = true
    this.#asked.abort()
    this.observer.exited(code)
    if (this.#open) this.#close()
  }

  #close(): void {
    this.#server.close(() => this.observer.gone())
    for (const socket of this.#sockets) socket.destroy()
  }
}

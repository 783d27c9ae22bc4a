import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Instance, Launch, Observer, Runtime } from './runtime.ts'

/** What a backend that is a function gets besides its server. */
export interface ServeContext {
  /** The same variables that a process would find, `PORT` included. */
  env: Readonly<Record<string, string>>
  /** Writes a line to the backend's log. */
  log: (line: string) => void
  /** Ends the backend, as a process that exits with this code does. */
  exit: (code: number) => void
  /** Aborts when the platform asks the backend to end, which it then does by itself. */
  signal: AbortSignal
}

/**
 * A backend that is a function instead of a process: add listeners to the server, which the platform lets
 * listen when the function has returned. What it throws fails the start.
 */
export type Serve = (server: Server, context: ServeContext) => void | Promise<void>

/** Runs backends as functions of this process: no process is started, which is fast. */
export const inMemoryRuntime: Runtime<Serve> = {
  start: (launch, observer) => new InMemoryInstance(launch, observer),
  close: async () => {},
}

class InMemoryInstance implements Instance {
  readonly #server = createServer()
  readonly #ended = new AbortController()

  constructor(
    private readonly launch: Launch<Serve>,
    private readonly observer: Observer,
  ) {
    queueMicrotask(() => void this.#run())
  }

  terminate(): void {
    this.#end()
  }

  kill(): void {
    this.#end()
  }

  async #run(): Promise<void> {
    if (this.#ended.signal.aborted) return this.observer.gone()
    const server = this.#server
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', resolve)
      })
      const { port } = server.address() as AddressInfo
      this.observer.launched()
      await this.launch.program(server, {
        env: { ...this.launch.env, PORT: String(port) },
        log: (line) => this.observer.output(`${line}\n`, 'log'),
        exit: (code) => this.#end(() => this.observer.exited(code)),
        signal: this.#ended.signal,
      })
      if (!this.#ended.signal.aborted) this.observer.listening({ host: '127.0.0.1', port })
    } catch (error) {
      this.#end(() => this.observer.failed(error instanceof Error ? error.message : String(error)))
    }
  }

  #end(tell = () => {}): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    tell()
    this.#server.close(() => this.observer.gone())
    this.#server.closeAllConnections()
  }
}

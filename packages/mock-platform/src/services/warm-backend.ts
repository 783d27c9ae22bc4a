import { chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { Feed } from '../feed.ts'
import type { Instance, Observer } from '../runtime/runtime.ts'
import type { Runner } from './services.ts'
import { type Assignment, createWarmReader, encodeAssignment, type WarmMessage } from './warm-protocol.ts'

/**
 * A process that ends closes its socket first: for so long, in ms, its exit is waited for, which says more.
 */
const EXIT_LIMIT = 1_000
/** How much of what a backend prints before it has a document is kept, in characters. */
const MAX_OUTPUT = 64 * 1024

/** What becomes of a warm backend that has no document yet. */
export interface WarmEvents {
  /** It waits for a document. */
  warmed(): void
  /** It can have none any more. */
  failed(reason: string): void
  /** All of it has ended, with or without a document. */
  gone(): void
}

/** One backend that was started before anybody asked for it. PROTOCOL.md: "Warm pools". */
export class WarmBackend implements Instance {
  readonly #server = createServer((socket) => this.#accept(socket))
  readonly #output = new Feed<{ text: string; source: string }>(MAX_OUTPUT, ({ text }) => text.length)
  /** Told once it has a document: the backend of the API. */
  #observer: Observer | undefined
  #instance: Instance | undefined
  #socket: Socket | undefined
  #state: 'starting' | 'warm' | 'assigned' | 'ready' | 'over' = 'starting'
  #findServer = () => {}
  #isGone = false
  #exitTimer: NodeJS.Timeout | undefined

  constructor(
    /** What it will be called in the API, and its processes are found by. */
    readonly name: string,
    private readonly folder: string,
    private readonly events: WarmEvents,
  ) {}

  /** Starts it. Rejects if there can be no socket. */
  async start(run: Runner, env: Readonly<Record<string, string>>): Promise<void> {
    const socket = join(this.folder, 'jamsocket-sdk.sock')
    await mkdir(this.folder)
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(socket, resolve)
    })
    // The user of a container may be anybody. On this machine, nobody else can enter the folder above.
    await chmod(socket, 0o666)
    if (this.#state === 'over') return this.#end()
    const saysReady = new Promise<void>((resolve) => {
      this.#findServer = resolve
    })
    const variables = { ...env, SESSION_BACKEND_ID: this.name }
    this.#instance = run(variables, this.#observe(), { socket, saysReady })
  }

  /** Gives it its document. What happens from now on is told to the observer, once this has returned. */
  assign(assignment: Assignment, observer: Observer): Instance {
    const isWarm = this.#state === 'warm'
    this.#observer = observer
    if (isWarm) {
      this.#state = 'assigned'
      this.#socket?.write(encodeAssignment(assignment))
    }
    queueMicrotask(() => {
      for (const { text, source } of this.#output.values) observer.output(text, source)
      this.#output.end()
      if (isWarm) return observer.launched()
      observer.failed('The warm backend ended before it had its document.')
      if (this.#isGone) observer.gone()
    })
    return this
  }

  terminate(): void {
    this.#instance?.terminate()
  }

  kill(): void {
    if (!this.#observer) this.#state = 'over'
    this.#instance?.kill()
  }

  #observe(): Observer {
    return {
      launched: () => {},
      failed: (reason) => this.#fail(reason),
      output: (text, source) => {
        if (this.#observer) this.#observer.output(text, source)
        else this.#output.push({ text, source })
      },
      listening: (address) => this.#observer?.listening(address),
      exited: (code, signal) => {
        clearTimeout(this.#exitTimer)
        if (!this.#observer)
          return this.#fail(code === null ? `was ended by ${signal}` : `exited with code ${code}`)
        this.#state = 'over'
        this.#observer.exited(code, signal)
      },
      gone: () => this.#end(),
    }
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    if (this.#socket) return void socket.destroy()
    this.#socket = socket
    const read = createWarmReader(
      (message) => this.#hear(message),
      (what) => this.#fail(what),
    )
    socket.setEncoding('utf8').on('data', read)
    socket.once('close', () => {
      if (this.#state === 'ready') return
      this.#exitTimer = setTimeout(() => this.#fail('closed the socket of its warm pool'), EXIT_LIMIT)
    })
  }

  #hear(message: WarmMessage): void {
    if (message === 'Warmed' && this.#state === 'starting') {
      this.#state = 'warm'
      this.events.warmed()
    } else if (message === 'Ready' && this.#state === 'assigned') {
      this.#state = 'ready'
      this.#findServer()
    } else if (message === 'Ready' && this.#state !== 'ready') {
      this.#fail('said `Ready` before it had a document')
    }
    // What it says twice has no meaning.
  }

  /**
   * It did what it must not do. With a document, that is the end of its backend; without, another takes its
   * place.
   */
  #fail(what: string): void {
    if (this.#state === 'over' || this.#state === 'ready') return
    this.#state = 'over'
    if (this.#observer) this.#observer.failed(`The warm backend ${what}.`)
    else {
      this.events.failed(what)
      this.kill()
    }
  }

  #end(): void {
    this.#isGone = true
    this.#state = 'over'
    clearTimeout(this.#exitTimer)
    this.#socket?.destroy()
    this.#server.close(() => void rm(this.folder, { recursive: true, force: true }))
    this.#observer?.gone()
    this.events.gone()
  }
}

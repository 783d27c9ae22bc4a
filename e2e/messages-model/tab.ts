import { connectByMessages } from '../../packages/react/src/messages/connect-by-messages.ts'
import type { MessagesConnection } from '../../packages/react/src/messages/messages-connection.ts'
import { protocol } from './backend.ts'
import type { BrowserStorage } from './browser.ts'
import type { Wire } from './wire.ts'

type Connection = MessagesConnection<
  { add: string; look: undefined },
  { add: string; look: undefined },
  { list: string[] },
  { list: string[] }
>

/** What a tab needs of the world. */
export interface TabWorld {
  /** Makes a wire to a backend. */
  dial(user: string): Wire
  delay(): number
}

/** How many messages a tab keeps at most: few, so that it is reached. */
const MAX_KEPT = 6
/** How long a tab waits at most before it tries again, in ms. */
const MAX_WAIT = 3_200
/** Given, because making a reason for each lost connection takes longer than all else. */
const LOST = new Error('The connection is lost.')

/** A tab of a browser, with the real connection: it connects again by itself. */
export class Tab {
  connection: Connection | undefined
  wire: Wire | undefined
  unsaved = 0
  /** What was sent, and what was handed back. */
  readonly sent: string[] = []
  readonly handedBack = new Set<string>()
  readonly closed = new AbortController()
  /** How often it was connected. */
  #welcomes = 0
  readonly #connect

  constructor(
    readonly name: string,
    readonly user: string,
    readonly persists: boolean,
    private readonly world: TabWorld,
    browser: BrowserStorage,
    maxKept = MAX_KEPT,
  ) {
    const dial = () => {
      this.wire = world.dial(user)
      return this.wire.page
    }
    class Socket {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: the wire is the socket.
        return dial()
      }
    }
    this.#connect = connectByMessages(
      protocol,
      {
        persist: persists,
        WebSocket: Socket as never,
        onUnsaved: (messages) => {
          for (const { content } of messages) this.handedBack.add(String(content))
        },
        onError() {},
      },
      { openShelf: async () => browser.shelfOf(this.closed.signal), maxKept },
    )
    void this.#run()
  }

  get isOpen(): boolean {
    return !this.closed.signal.aborted
  }

  /** Sends a message that is like no other. */
  send(): void {
    const item = `${this.name}.${this.sent.length}`
    if (this.connection?.send('add', item)) this.sent.push(item)
  }

  sendInvalid(): void {
    this.connection?.send('add', 'invalid')
  }

  look(): void {
    this.connection?.send('look')
  }

  /** It is closed, or it crashes. */
  close(): void {
    this.closed.abort()
    this.wire?.cut()
  }

  async #run(): Promise<void> {
    let wait = 1
    while (this.isOpen) {
      const before = this.#welcomes
      await this.#once()
      wait = this.#welcomes === before ? Math.min(Math.max(wait * 2, 200), MAX_WAIT) : 1
      await new Promise((resolve) => setTimeout(resolve, wait + this.world.delay()))
    }
  }

  /** One connection, until it is lost. */
  #once(): Promise<void> {
    const attempt = new AbortController()
    return new Promise((resolve) => {
      const end = () => {
        attempt.abort(LOST)
        resolve()
      }
      this.closed.signal.addEventListener('abort', end, { signal: attempt.signal })
      // As the session has it: an attempt that takes too long is given up.
      const timer = setTimeout(end, 30_000)
      attempt.signal.addEventListener('abort', () => clearTimeout(timer))
      const url = 'http://backend.test/'
      const connecting = this.#connect({
        url,
        documentId: 'doc',
        endpoint: '/api/sessions',
        session: {
          name: 'b',
          url,
          readyUrl: url,
          statusUrl: url,
          status: 'Ready',
          spawned: true,
          user: this.user,
        },
        signal: attempt.signal,
        closed: this.closed.signal,
        onLost: end,
        onProbe() {},
        followStatus() {},
        onUnsaved: ({ count }) => {
          this.unsaved = count
        },
        listeners: () => [],
        previous: undefined,
      })
      Promise.resolve(connecting).then((connection) => {
        this.connection = connection
        this.#welcomes += 1
        clearTimeout(timer)
      }, end)
    })
  }
}

import { isRecord } from '@session-backend/core/internal'
import { createSessionClient, type SessionBackendError } from '@session-backend/react/client'
import { messages } from '@session-backend/react/messages'
import { WebSocket } from 'ws'
import { protocol } from './protocol.ts'

// Pages without browsers. What to do comes as messages of the parent.

const endpoint = process.env.ENDPOINT ?? ''
const now = () => performance.timeOrigin + performance.now()

/** A page, as its user sees it. */
class Page {
  /** How long each start of a connection took, in ms: the first one is the page's opening. */
  readonly waits: number[] = []
  sent = 0
  refused = 0
  error: SessionBackendError | undefined
  #since = now()
  isConnected = false
  readonly #session

  constructor(
    readonly name: string,
    readonly documentId: string,
  ) {
    const client = createSessionClient({ endpoint })
    const connect = messages(protocol, {
      WebSocket,
      onUnsaved: (unsaved) => {
        this.refused += unsaved.length
      },
    })
    this.#session = client.open(documentId, { connect })
    this.#session.subscribe(() => this.#look())
  }

  get isSettled(): boolean {
    return this.isConnected && this.#session.getSnapshot().unsaved?.count === 0
  }

  /** Says the next number, also while there is no connection. */
  say(): void {
    const { connection } = this.#session.getSnapshot()
    if (!connection) return
    if (connection.send('count', { page: this.name, number: this.sent + 1 })) this.sent += 1
    else this.refused += 1
  }

  close(): void {
    this.#session.close()
  }

  #look(): void {
    const { phase, error } = this.#session.getSnapshot()
    if (phase === 'failed' || phase === 'ended') this.error = error
    if ((phase === 'connected') === this.isConnected) return
    this.isConnected = phase === 'connected'
    if (this.isConnected) this.waits.push(now() - this.#since)
    else this.#since = now()
  }
}

const pages: Page[] = []
let writing: NodeJS.Timeout | undefined

/** Asks each page for something. */
const actions: Record<string, (message: Record<string, unknown>) => void> = {
  open({ documentId, count }) {
    for (let number = 0; number < Number(count); number++)
      pages.push(new Page(`${documentId}.${number}`, String(documentId)))
  },
  write({ perSecond }) {
    writing = setInterval(() => {
      for (const page of pages) page.say()
    }, 1000 / Number(perSecond))
  },
  rest() {
    clearInterval(writing)
  },
  close() {
    for (const page of pages) page.close()
  },
}

process.on('message', (message) => {
  if (!isRecord(message)) return
  if (typeof message.action === 'string') actions[message.action]?.(message)
  process.send?.(
    pages.map(({ name, documentId, waits, sent, refused, error, isConnected, isSettled }) => {
      return { name, documentId, waits, sent, refused, error: error?.code, isConnected, isSettled }
    }),
  )
})

import { systemClock } from '@session-backend/core/internal'
import { platformStatus, type StatusSource, type UseSessionBackendResult } from '@session-backend/react'
import { messages } from '@session-backend/react/messages'
import { WebSocket } from 'ws'
import { createSessionStore } from '../../../packages/react/src/session/store.ts'
import { protocol } from './protocol.ts'

const makeConnection = () =>
  messages(protocol, {
    WebSocket,
    onUnsaved: (unsaved) => {
      throw new Error(`${unsaved.length} messages were handed back.`)
    },
  })
type Connection = Awaited<ReturnType<ReturnType<typeof makeConnection>>>

/** A page without the browser: the hook's store, and messages that no other page sends. */
export class Page {
  readonly sent: string[] = []
  /** How many messages could not be kept. */
  refused = 0
  #connection: Connection | undefined
  readonly #store
  readonly #close: () => void

  constructor(
    readonly name: string,
    readonly documentId: string,
    endpoint: string,
    statusSource: StatusSource = platformStatus,
  ) {
    this.#store = createSessionStore<Connection>({ documentId, clock: systemClock, random: Math.random })
    const options = {
      endpoint,
      connect: makeConnection(),
      statusSource,
      clock: systemClock,
      random: Math.random,
    }
    this.#close = this.#store.subscribe(
      () => {
        const { phase, connection } = this.session
        // A page that has failed keeps what it says, until its user tries again.
        if (phase === 'connected') this.#connection = connection
      },
      () => options,
    )
  }

  get session(): UseSessionBackendResult<Connection> {
    return this.#store.getSnapshot()
  }

  say(): void {
    const item = `${this.name}.${this.sent.length}`
    if (this.#connection === undefined) return
    if (this.#connection.send('add', item)) this.sent.push(item)
    else this.refused += 1
  }

  /** What a user does who reads that something failed. */
  retry(): void {
    if (this.session.phase === 'failed') this.session.retry()
  }

  close(): void {
    this.#close()
  }
}

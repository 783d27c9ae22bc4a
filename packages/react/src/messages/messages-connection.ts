import type { Protocol } from '@session-backend/core'
import {
  encodePageFrame,
  type MessageFrame,
  parseRoomFrame,
  type RoomFrame,
  type SessionBackendError,
} from '@session-backend/core/internal'
import type { Unsaved } from '../connection/unsaved.ts'
import { Disk } from './disk.ts'
import { Incoming, type MessageHandlers } from './incoming.ts'
import type { Shelf } from './kept-on-disk.ts'
import { type Content, contentOf, MAX_KEPT_LENGTH, Outbox, type UnsavedMessage } from './outbox.ts'

/** Options of a {@link MessagesConnection}. */
export interface MessagesParts<ToBackendIn, ToBackend, ToPageIn, ToPage> {
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>
  /** The current time, in ms since the epoch. */
  now(): number
  newPageId(): string
  /** How many messages are kept at most. */
  maxKept: number
  /** Aborts when the session is closed: then no more messages are kept. */
  closed: AbortSignal
  /** Gets messages that may be lost. */
  onUnsaved(messages: UnsavedMessage[]): void
  /** Called with the number of unsaved messages. */
  report(unsaved: Unsaved): void
  onError(error: SessionBackendError): void
}

/** The socket of a {@link MessagesConnection}. */
export interface Talk {
  /** Returns whether the frame was sent. */
  send(frame: string): boolean
  /** Called after the welcome: messages that are sent from now on reach the backend. */
  onReady(): void
}

/** Whose messages are sent, and how far. */
interface Speaker {
  outbox: Outbox
  isGreeted: boolean
  /** The number of the last message that needn't be sent; `undefined` until the backend has answered. */
  sent: number | undefined
}

/**
 * The connection to a document's backend that speaks its protocol. What is sent is kept until the backend has
 * saved it, and sent again over the next socket if need be. PROTOCOL.md: "The message protocol".
 */
export class MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage> {
  /** The outboxes in the order in which they are sent. The last one belongs to this page. */
  readonly #before: Outbox[] = []
  #own: Outbox
  #talk: Talk | undefined
  #speaker: Speaker | undefined
  readonly #disk: Disk
  readonly #incoming: Incoming<ToPage>

  constructor(private readonly parts: MessagesParts<ToBackendIn, ToBackend, ToPageIn, ToPage>) {
    this.#own = new Outbox(parts.newPageId())
    this.#disk = new Disk(parts.onError)
    this.#incoming = new Incoming(parts.protocol.toPage, parts.onError)
    // What isn't on the disk would be lost without a word.
    parts.closed.addEventListener('abort', () => {
      if (!this.#disk.isUsed) for (const outbox of this.#outboxes) this.#handOver(outbox, 0)
    })
  }

  /**
   * Sends a message, and keeps it until the backend has saved it. A volatile one isn't kept: it is only sent
   * while there is a connection.
   *
   * @returns Whether it was sent or is kept: not if 10,000 messages or 4 MB are kept, nor after the session.
   */
  send<Name extends keyof ToBackendIn & string>(
    name: Name,
    ...[content]: Content<ToBackendIn[Name]>
  ): boolean {
    if (this.parts.protocol.isVolatile(name)) {
      return this.#talk?.send(encodePageFrame({ type: 'message', number: 0, name, content })) ?? false
    }
    const message = this.#own.next(name, content, this.parts.now())
    const length = this.#outboxes.reduce((sum, outbox) => sum + outbox.length, message.text.length)
    const isFull = this.#count >= this.parts.maxKept || length > MAX_KEPT_LENGTH
    if (isFull || this.parts.closed.aborted) return false
    this.#own.keep(message)
    void this.#disk.keep(this.#own, [message])
    this.#tellUnsaved()
    this.#goOn()
    return true
  }

  /** Calls `handlers` for each message of the backend, until the returned function is called. */
  subscribe(handlers: MessageHandlers<ToPage>): () => void {
    return this.#incoming.subscribe(handlers)
  }

  /** Sets the components' `onMessage`. @internal */
  deliverTo(components: () => readonly MessageHandlers<ToPage>[]): void {
    this.#incoming.deliverTo(components)
  }

  /** Keeps messages on the disk too, and takes over what closed pages have kept there. @internal */
  async restore(open: () => Promise<Shelf>): Promise<void> {
    this.#before.push(...(await this.#disk.takeOver(open)))
  }

  /** Talks over a new socket, until the returned function is called. @internal */
  open(talk: Talk): () => void {
    this.#talk = talk
    this.#tellUnsaved()
    this.#speakFor(this.#outboxes[0] ?? this.#own)
    return () => {
      if (this.#talk !== talk) return
      this.#talk = undefined
      this.#speaker = undefined
    }
  }

  /** What the backend answers with `welcome`: how far the messages have come. @internal */
  question(): string {
    return this.#helloOf(this.#speaker?.outbox ?? this.#own)
  }

  /** Handles a frame of the backend. @internal */
  receive(text: unknown): void {
    const frame = typeof text === 'string' ? parseRoomFrame(text) : undefined
    if (frame === undefined) this.#incoming.report('something that is not a frame of the message protocol')
    else if (frame.type === 'message') this.#incoming.deliver(frame)
    else this.#note(frame)
    this.#goOn()
  }

  /** The backend has refused a message: what it hasn't received is not sent again. @internal */
  refused(): void {
    // It reads one page's messages after the other's, and has told what it received.
    const outbox = this.#outboxes.find((each) => each.after(each.received).length > 0) ?? this.#own
    this.#handOver(outbox, outbox.received)
    if (outbox === this.#own) this.#startOver()
  }

  get #outboxes(): Outbox[] {
    return [...this.#before, this.#own]
  }

  get #count(): number {
    return this.#outboxes.reduce((sum, { kept }) => sum + kept.length, 0)
  }

  #tellUnsaved(): void {
    const [first] = this.#outboxes.flatMap(({ kept }) => kept.slice(0, 1))
    this.parts.report({ count: this.#count, since: first?.at })
  }

  #helloOf(outbox: Outbox): string {
    const outboxes = this.#outboxes
    return outbox.hello(outboxes.length - 1 - outboxes.indexOf(outbox))
  }

  #speakFor(outbox: Outbox): void {
    this.#speaker = { outbox, isGreeted: false, sent: undefined }
    this.#goOn()
  }

  /** Sends what can be sent now. The rest waits until something arrives. */
  #goOn(): void {
    const [talk, speaker] = [this.#talk, this.#speaker]
    if (talk === undefined || speaker === undefined) return
    const { outbox } = speaker
    speaker.isGreeted ||= talk.send(this.#helloOf(outbox))
    if (speaker.sent === undefined) return
    for (const { number, text } of outbox.after(speaker.sent)) {
      if (!talk.send(text)) return
      speaker.sent = number
    }
    const next = this.#outboxes[this.#outboxes.indexOf(outbox) + 1]
    if (next !== undefined) this.#speakFor(next)
  }

  #note(frame: Exclude<RoomFrame, MessageFrame>): void {
    const outbox = this.#outboxes.find(({ page }) => page === frame.page)
    if (outbox === undefined) return
    // A backend that knows less than was saved may no longer own the document.
    if (frame.type === 'forgotten' || (frame.type === 'welcome' && frame.received < outbox.saved)) {
      this.#forget(outbox)
    } else if (frame.type === 'welcome') {
      outbox.received = frame.received
      this.#saved(outbox, frame.saved)
      void this.#welcome(outbox, frame.since)
    } else {
      outbox.received = Math.max(outbox.received, frame.number)
      if (frame.type === 'saved') this.#saved(outbox, frame.number)
    }
    this.#leaveOut()
    this.#tellUnsaved()
  }

  async #welcome(outbox: Outbox, since: number): Promise<void> {
    const [talk, speaker] = [this.#talk, this.#speaker]
    if (speaker?.outbox !== outbox) return
    if (outbox.since !== since) {
      outbox.since = since
      // Stored before the first of them is sent. PROTOCOL.md: "Cursors that are gone".
      if (outbox.kept.length > 0) await this.#disk.keep(outbox, outbox.kept)
    }
    if (this.#speaker !== speaker) return
    // Messages that were sent after the question are sent twice. Messages that the network has lost are sent
    // again.
    speaker.sent = outbox.received
    if (outbox === this.#own) talk?.onReady()
    this.#goOn()
  }

  #saved(outbox: Outbox, number: number): void {
    const first = outbox.saved + 1
    outbox.forget(number)
    if (outbox.saved >= first) this.#disk.forget(outbox, first, outbox.saved)
  }

  /** The backend can't tell what was applied. */
  #forget(outbox: Outbox): void {
    const isCurrent = this.#speaker?.outbox === outbox
    this.#handOver(outbox, 0)
    if (outbox === this.#own) this.#startOver()
    if (isCurrent) this.#speakFor(this.#outboxes[this.#outboxes.indexOf(outbox) + 1] ?? this.#own)
  }

  /** Adds to a new page id from now on. */
  #startOver(): void {
    this.#before.push(this.#own)
    this.#own = new Outbox(this.parts.newPageId())
  }

  /** Removes outboxes whose messages are all saved. */
  #leaveOut(): void {
    const { outbox } = this.#speaker ?? {}
    for (const each of [...this.#before]) {
      if (each.kept.length === 0 && each !== outbox) this.#before.splice(this.#before.indexOf(each), 1)
    }
  }

  #handOver(outbox: Outbox, received: number): void {
    const messages = outbox.takeAfter(received)
    this.#disk.forget(outbox, received + 1, Number.POSITIVE_INFINITY)
    this.#tellUnsaved()
    if (messages.length > 0) this.parts.onUnsaved(messages.map(contentOf))
  }
}

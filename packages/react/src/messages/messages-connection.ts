import { type MessageReaders, type Protocol, SessionBackendError } from '@session-backend/core'
import {
  encodePageFrame,
  type MessageFrame,
  parseRoomFrame,
  type RoomFrame,
  validate,
} from '@session-backend/core/internal'
import { Deliveries } from '../connection/deliveries.ts'
import type { Unsaved } from '../connection/unsaved.ts'
import { contentOf, Outbox } from './outbox.ts'

/** How much is kept until it is saved: so many messages, and so many characters. */
const MAX_KEPT = 10_000
const MAX_KEPT_LENGTH = 4 * 1024 * 1024

/** What to do with each message of the backend, by its name. */
export type MessageHandlers<ToPage> = { readonly [Name in keyof ToPage]?: (content: ToPage[Name]) => void }

/** The content of a message, which may be left out if it may be `undefined`. */
type Content<Value> = undefined extends Value ? [content?: Value] : [content: Value]

/** A message that isn't sent again, because the backend may have applied it. */
export interface UnsavedMessage {
  name: string
  content: unknown
}

/** What a {@link MessagesConnection} works with. */
export interface MessagesParts<ToBackendIn, ToBackend, ToPageIn, ToPage> {
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>
  /** The current time, in ms since the epoch. */
  now(): number
  newPageId(): string
  /** Gets what may be lost. */
  onUnsaved(messages: UnsavedMessage[]): void
  onError(error: SessionBackendError): void
}

/** A socket to talk over. */
export interface Talk {
  /** Returns whether the frame was sent. */
  send(frame: string): boolean
  /** The backend knows this page: what is sent from now on reaches it. */
  onReady(): void
  onUnsaved(unsaved: Unsaved): void
}

/** Whose messages are sent, and how far. */
interface Speaker {
  outbox: Outbox
  isGreeted: boolean
  /** The number of the last message that needn't be sent; `undefined` until the backend has answered. */
  sent: number | undefined
}

/**
 * The connection to a document's backend that speaks its protocol. What is sent is kept until the backend has saved it, and
 * sent again over the next socket if need be. PROTOCOL.md: "The message protocol".
 */
export class MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage> {
  /** Those that are sent first, and at the end the one that this page adds to. */
  readonly #before: Outbox[] = []
  #own: Outbox
  #talk: Talk | undefined
  #speaker: Speaker | undefined
  #onUnsaved: (unsaved: Unsaved) => void = () => {}
  readonly #deliveries = new Deliveries<MessageHandlers<ToPage>, (to: MessageHandlers<ToPage>) => void>(
    (handlers, deliver) => deliver(handlers),
  )

  constructor(private readonly parts: MessagesParts<ToBackendIn, ToBackend, ToPageIn, ToPage>) {
    this.#own = new Outbox(parts.newPageId())
  }

  /**
   * Sends a message, and keeps it until the backend has saved it. A volatile one isn't kept: it is only sent while there is
   * a connection.
   *
   * @returns Whether it was sent or is kept: `false` for one too many, when 10,000 messages or 4 MB are kept.
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
    if (this.#count >= MAX_KEPT || length > MAX_KEPT_LENGTH) return false
    this.#own.keep(message)
    this.#tellUnsaved()
    this.#goOn()
    return true
  }

  /** Calls `handlers` for each message of the backend, until the returned function is called. */
  subscribe(handlers: MessageHandlers<ToPage>): () => void {
    return this.#deliveries.subscribe(handlers)
  }

  /** Sets the components' `onMessage`. */
  deliverTo(components: () => readonly MessageHandlers<ToPage>[]): void {
    this.#deliveries.deliverTo(components)
  }

  /** Talks over a new socket, until the returned function is called. */
  open(talk: Talk): () => void {
    this.#talk = talk
    this.#onUnsaved = talk.onUnsaved
    this.#tellUnsaved()
    this.#speakFor(this.#outboxes[0] ?? this.#own)
    return () => {
      if (this.#talk !== talk) return
      this.#talk = undefined
      this.#speaker = undefined
    }
  }

  /** What the backend answers with `welcome`: how far the messages have come. */
  question(): string {
    return this.#helloOf(this.#speaker?.outbox ?? this.#own)
  }

  /** Takes a frame of the backend in. */
  receive(text: unknown): void {
    const frame = typeof text === 'string' ? parseRoomFrame(text) : undefined
    if (frame === undefined) this.#report('something that is not a frame of the message protocol')
    else if (frame.type === 'message') this.#deliver(frame)
    else this.#note(frame)
    this.#goOn()
  }

  /** The backend has refused a message: what it hasn't received is not sent again. */
  refused(): void {
    const { outbox } = this.#speaker ?? { outbox: this.#own }
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
    this.#onUnsaved({ count: this.#count, since: first?.at })
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
    // One that knows less than was saved is perhaps not the owner of the document any more.
    if (frame.type === 'forgotten' || (frame.type === 'welcome' && frame.received < outbox.saved)) {
      this.#forget(outbox)
    } else if (frame.type === 'welcome') {
      outbox.since = frame.since
      outbox.received = frame.received
      outbox.forget(frame.saved)
      this.#welcome(outbox)
    } else {
      outbox.received = Math.max(outbox.received, frame.number)
      if (frame.type === 'saved') outbox.forget(frame.number)
    }
    this.#leaveOut()
    this.#tellUnsaved()
  }

  #welcome(outbox: Outbox): void {
    const [talk, speaker] = [this.#talk, this.#speaker]
    if (speaker?.outbox !== outbox || speaker.sent !== undefined) return
    speaker.sent = outbox.received
    if (outbox === this.#own) talk?.onReady()
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

  /** Lets those go of which all is saved. */
  #leaveOut(): void {
    const { outbox } = this.#speaker ?? {}
    for (const each of [...this.#before]) {
      if (each.kept.length === 0 && each !== outbox) this.#before.splice(this.#before.indexOf(each), 1)
    }
  }

  #handOver(outbox: Outbox, received: number): void {
    const messages = outbox.takeAfter(received)
    this.#tellUnsaved()
    if (messages.length > 0) this.parts.onUnsaved(messages.map(contentOf))
  }

  #deliver({ name, content }: MessageFrame): void {
    const schemas: MessageReaders<ToPage> = this.parts.protocol.toPage
    if (isName(schemas, name)) this.#deliverAs(schemas, name, content)
    else this.#report(`a message \`${name}\`, which the protocol doesn't have`)
  }

  #deliverAs<Name extends keyof ToPage>(schemas: MessageReaders<ToPage>, name: Name, content: unknown): void {
    const result = validate<ToPage[Name]>(schemas[name], content)
    if (result.ok) this.#deliveries.receive((handlers) => handlers[name]?.(result.value))
    else this.#report(`\`${String(name)}\`, which isn't valid: ${result.problem}`)
  }

  #report(what: string): void {
    this.parts.onError(new SessionBackendError('bad_message', `The backend sent ${what}. It was ignored.`))
  }
}

/** Own properties only: `constructor` is not a message. */
function isName<Schemas extends object>(schemas: Schemas, name: PropertyKey): name is keyof Schemas {
  return Object.hasOwn(schemas, name)
}

import { encodePageFrame, parseRoomFrame } from '@session-backend/core/internal'

/** The most messages, and the most characters, that are kept until they are saved. */
export const MAX_KEPT = 10_000
export const MAX_KEPT_LENGTH = 4 * 1024 * 1024

/** A message that is kept until it is saved. */
export interface KeptMessage {
  readonly number: number
  /** Its frame, as it is sent. */
  readonly text: string
  /** When it was made, in ms since the epoch. */
  readonly at: number
}

/** The numbered messages of one page id. PROTOCOL.md: "Once each". */
export class Outbox {
  /** The `since` of the first welcome; 0 before that. */
  since = 0
  /** How many of them the backend has said that it applied. */
  received = 0
  /** The number of the last one that isn't kept any more. */
  saved = 0
  /** How many characters are kept. */
  length = 0
  readonly #kept: KeptMessage[] = []

  constructor(readonly page: string) {}

  /** Continues with the messages that another page has kept. */
  static restore(page: string, messages: readonly (KeptMessage & { since: number })[]): Outbox {
    const outbox = new Outbox(page)
    for (const { since, ...message } of messages) {
      if (outbox.#kept.length === 0) outbox.saved = message.number - 1
      outbox.since = Math.max(outbox.since, since)
      outbox.keep(message)
    }
    return outbox
  }

  get kept(): readonly KeptMessage[] {
    return this.#kept
  }

  /** Numbers a message. */
  next(name: string, content: unknown, at: number): KeptMessage {
    const number = this.#last + 1
    return { number, text: encodePageFrame({ type: 'message', number, name, content }), at }
  }

  /** Keeps the next message. */
  keep(message: KeptMessage): void {
    this.#kept.push(message)
    this.length += message.text.length
  }

  /** Returns the messages after a number. */
  after(number: number): KeptMessage[] {
    return this.#kept.slice(this.#indexAfter(number))
  }

  /** Deletes the messages up to a number. */
  forget(number: number): void {
    const count = this.#indexAfter(number)
    this.saved += count
    this.#cut(0, count)
  }

  /** Deletes the messages after a number, and returns them. */
  takeAfter(number: number): KeptMessage[] {
    return this.#cut(this.#indexAfter(number))
  }

  hello(left: number): string {
    const { page, since } = this
    return encodePageFrame({ type: 'hello', page, since, last: this.#last, left })
  }

  get #last(): number {
    return this.saved + this.#kept.length
  }

  #indexAfter(number: number): number {
    return Math.min(Math.max(number - this.saved, 0), this.#kept.length)
  }

  #cut(start: number, count = this.#kept.length): KeptMessage[] {
    const gone = this.#kept.splice(start, count)
    for (const { text } of gone) this.length -= text.length
    return gone
  }
}

/** The content of a message, which may be left out if it may be `undefined`. */
export type Content<Value> = undefined extends Value ? [content?: Value] : [content: Value]

/** A message that isn't sent again, because the backend may have applied it. */
export interface UnsavedMessage {
  /** Its name in the protocol. */
  name: string
  /** What was passed to `send`, as JSON carries it. */
  content: unknown
}

/** Returns the content of a kept message. */
export function contentOf({ text }: KeptMessage): UnsavedMessage {
  const frame = parseRoomFrame(text)
  return frame?.type === 'message'
    ? { name: frame.name, content: frame.content }
    : { name: '', content: undefined }
}

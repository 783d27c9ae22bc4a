import { randomUUID } from 'node:crypto'
import { encodePageFrame, parseRoomFrame, type RoomFrame } from '@session-backend/core/internal'
import type { ConnectOptions, Editing, Edits, Page } from './editing.ts'
import { Finding } from './finding.ts'
import { inWords, PageSocket } from './page-socket.ts'

/** A message of the app, without its number. */
export interface AppMessage {
  name: string
  content?: unknown
}

/** Edits a document by sending one message again and again. PROTOCOL.md: "The message protocol". */
export function messageEditing(message: AppMessage): Editing {
  return {
    description: `the message ${message.name}, numbered as PROTOCOL.md says`,
    createPage: () => new MessagePage(message),
  }
}

const ADVICE =
  'Check that the program speaks the message protocol of PROTOCOL.md at --path, and who may edit: --user and --auth.'

class MessagePage implements Page {
  readonly #id = randomUUID()
  #since = 0
  /** The ids of its edits: that of the first message comes first. */
  #ids: number[] = []

  constructor(private readonly message: AppMessage) {}

  async connect({ url, signal, kept }: ConnectOptions): Promise<Edits> {
    const socket = await PageSocket.open(url, signal)
    const waiting: { number: number; saved: () => void }[] = []
    let received = 0
    let welcomed = (_welcome: Welcome | undefined) => {}
    const welcome = new Promise<Welcome | undefined>((resolve) => {
      welcomed = resolve
    })
    const handle = (frame: RoomFrame) => {
      if (!('page' in frame) || frame.page !== this.#id) return
      if (frame.type === 'welcome') return welcomed(frame)
      if (frame.type === 'forgotten') return welcomed(undefined)
      received = Math.max(received, frame.number)
      if (frame.type === 'received') return
      while (waiting[0] && waiting[0].number <= frame.number) waiting.shift()?.saved()
    }
    socket.onMessage((data) => {
      const frame = parseRoomFrame(String(data))
      if (frame) handle(frame)
    })
    const last = this.#ids.length + kept
    socket.send(encodePageFrame({ type: 'hello', page: this.#id, since: this.#since, last, left: 0 }))
    const answer = await Promise.race([welcome, socket.closed])
    if (answer === undefined) this.#ids = []
    else if ('code' in answer) throw new Finding(`A page was ${inWords(answer)} when it said hello.`, ADVICE)
    else {
      this.#since = answer.since
      received = answer.received
      this.#ids.length = Math.min(this.#ids.length, received)
    }
    return {
      edit: async (id) => {
        const number = this.#ids.push(id)
        const saved = new Promise<void>((resolve) => waiting.push({ number, saved: resolve }))
        socket.send(encodePageFrame({ type: 'message', number, ...toMessage(this.message) }))
        const closing = await Promise.race([saved, socket.closed])
        if (closing) throw new Finding(`A page that edits was ${inWords(closing)}.`, ADVICE)
      },
      read: async () => this.#ids.slice(0, received),
      close: () => socket.cut(),
    }
  }
}

type Welcome = Extract<RoomFrame, { type: 'welcome' }>

function toMessage({ name, content }: AppMessage): { name: string; content: unknown } {
  return { name, content }
}

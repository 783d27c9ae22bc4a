import { once } from 'node:events'
import fc from 'fast-check'
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import type { DocumentStorage, Saved } from '../../src/storage.ts'
import { outdatedFencingToken } from '../../src/storage.ts'
import { encodeFrame, MESSAGE } from '../../src/yjs/frames.ts'
import { type YjsRoom, yjs } from '../../src/yjs.ts'
import { testProcess } from '../support/board.ts'

/** By hand: 1000. */
const RUNS = Number(process.env.RUNS ?? 25)
const BEGINNING = 'Hi'
const textOf = (doc: Y.Doc) => doc.getText('content').toString()

/** What becomes of a write: a page edits during it, or the process is killed, or paused until the next one owns the document. */
const FATES = [
  'done',
  'edited during',
  'killed before',
  'killed after',
  'paused before',
  'paused after',
] as const
type Fate = (typeof FATES)[number]

/** A page: its copy of the document outlives connections and backends. */
class Page {
  readonly doc = new Y.Doc()
  #socket: WebSocket | undefined
  #answered = () => {}

  constructor(private readonly onSaved: (snapshot: Uint8Array) => void) {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#send(encodeFrame(MESSAGE.sync, (encoder) => writeUpdate(encoder, update)))
    })
  }

  async connect(port: number): Promise<void> {
    this.close()
    const socket = new WebSocket(`ws://127.0.0.1:${port}`)
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => this.#receive(socket, data))
    await once(socket, 'open')
    await this.exchange()
  }

  type(at: number, mark: string): Promise<void> {
    const text = this.doc.getText('content')
    text.insert(Math.min(at, text.length), mark)
    return this.exchange()
  }

  /** Resolves once the backend has all of ours and we have all of its, or the connection has ended. */
  async exchange(): Promise<void> {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    const answered = new Promise<void>((resolve) => {
      this.#answered = resolve
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    this.#send(encodeFrame(MESSAGE.sync, (encoder) => writeSyncStep1(encoder, this.doc)))
    await Promise.race([answered, closed])
  }

  close(): void {
    this.#socket?.terminate()
    this.#socket = undefined
  }

  #receive(socket: WebSocket, data: Buffer): void {
    if (socket !== this.#socket) return
    const decoder = createDecoder(data)
    const type = readVarUint(decoder)
    if (type === MESSAGE.saved) this.onSaved(readVarUint8Array(decoder))
    if (type !== MESSAGE.sync) return
    let kind = -1
    const answer = encodeFrame(MESSAGE.sync, (encoder) => {
      kind = readSyncMessage(decoder, encoder, this.doc, this)
    })
    if (answer.byteLength > 1) this.#send(answer)
    if (kind === 1) this.#answered()
  }

  #send(frame: Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame)
  }
}

interface Backend {
  room: YjsRoom<object>
  kill(): Promise<void>
}

/** One backend after the other, each of which may be cut off in a write, and two pages. */
class World {
  readonly pages = [0, 1].map(() => new Page((snapshot) => this.#checkSaved(snapshot)))
  #marks = ''
  #stored: Saved<Uint8Array> | undefined
  #token = 0
  #owner: Backend | undefined
  #fate: Fate = 'done'
  /** What pages were told is saved, but is not stored. */
  readonly lost: string[] = []
  readonly #backends: Backend[] = []
  readonly #paused: (() => void)[] = []
  /** Called when the owner is killed or paused. */
  #onCutOff = () => {}

  get marks(): string {
    return this.#marks
  }

  /** Starts the next owner, unless there is one. A paused one goes on after that. */
  async start(fate: Fate = 'done'): Promise<Backend | undefined> {
    if (this.#owner) return this.#owner
    this.#fate = fate
    await this.#unlessCutOff(async () => {
      const token = this.#token + 1
      const backend = await this.#open()
      if (token === this.#token) this.#owner = backend
    })
    for (const goOn of this.#paused.splice(0)) goOn()
    return this.#owner
  }

  async save(fate: Fate): Promise<void> {
    this.#fate = fate
    await this.#unlessCutOff(() => this.#owner?.room.save())
    this.#fate = 'done'
  }

  kill(): void {
    const owner = this.#owner
    this.#owner = undefined
    for (const page of this.pages) page.close()
    owner?.kill()
  }

  type(page: Page | undefined, at: number): Promise<void> | undefined {
    const mark = String.fromCharCode(0x4e00 + this.#marks.length)
    this.#marks += mark
    return page?.type(at, mark)
  }

  async end(): Promise<void> {
    for (const page of this.pages) page.close()
    for (const goOn of this.#paused.splice(0)) goOn()
    await Promise.all(this.#backends.map(({ kill }) => kill()))
  }

  get storedText(): string {
    const doc = new Y.Doc()
    if (this.#stored) Y.applyUpdate(doc, this.#stored.value)
    return textOf(doc)
  }

  async #open(): Promise<Backend> {
    this.#token += 1
    const { runBackend, close } = testProcess(this.#token)
    const kill = () => close(AbortSignal.abort()).catch(() => {})
    const room = await runBackend(
      yjs({
        authorize: () => ({}),
        autosave: { delay: 60_000, maxDelay: 60_000 },
        storage: this.#storage(),
        onError: () => {},
        open: (doc) => {
          if (textOf(doc) === '') doc.getText('content').insert(0, BEGINNING)
        },
      }),
    )
    const backend = { room, kill }
    this.#backends.push(backend)
    return backend
  }

  #storage(): DocumentStorage<Uint8Array> {
    return {
      read: async () => this.#stored,
      write: async (saved) => {
        const fate = this.#fate
        this.#fate = 'done'
        if (fate === 'killed before') return this.#cutOff()
        if (fate === 'edited during') await this.type(this.pages[0], 0)
        if (fate === 'paused before') await this.#pause()
        if (saved.token < this.#token) throw outdatedFencingToken(saved.token, this.#token)
        this.#stored = saved
        if (fate === 'killed after') return this.#cutOff()
        if (fate === 'paused after') await this.#pause()
      },
    }
  }

  #cutOff(): Promise<never> {
    this.kill()
    this.#onCutOff()
    return new Promise(() => {})
  }

  #pause(): Promise<void> {
    this.#owner = undefined
    this.#onCutOff()
    return new Promise((resolve) => this.#paused.push(resolve))
  }

  async #unlessCutOff(work: () => Promise<void> | undefined): Promise<void> {
    const cutOff = new Promise<void>((resolve) => {
      this.#onCutOff = resolve
    })
    await Promise.race([work(), cutOff])
  }

  /** What a page is told is saved must be stored. */
  #checkSaved(snapshot: Uint8Array): void {
    const stored = new Y.Doc()
    if (this.#stored) Y.applyUpdate(stored, this.#stored.value)
    const { sv } = Y.snapshot(stored)
    for (const [client, clock] of Y.decodeSnapshot(snapshot).sv) {
      if ((sv.get(client) ?? 0) < clock) this.lost.push(`${client}: ${clock}`)
    }
  }
}

const page = fc.nat(1)
const fate = fc.constantFrom(...FATES)
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('type' as const), page, at: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('save' as const), fate }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), page, fate }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
)

it('keeps each edit once, and all that pages were told is saved, if a backend is killed or paused at any write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const world = new World()
      onTestFinished(() => world.end())
      for (const each of steps) {
        const which = world.pages['page' in each ? each.page : 0]
        if (each.do === 'type') await world.type(which, each.at)
        else if (each.do === 'save') await world.save(each.fate)
        else if (each.do === 'kill') world.kill()
        else {
          const owner = await world.start(each.fate)
          if (owner) await which?.connect(owner.room.port)
        }
      }
      const owner = await world.start()
      for (const each of world.pages) await each.connect(owner?.room.port ?? 0)
      for (const each of world.pages) await each.exchange()
      await world.save('done')
      const text = world.storedText
      expect(world.pages.map(({ doc }) => textOf(doc))).toEqual([text, text])
      expect([...text].sort()).toEqual([...BEGINNING, ...world.marks].sort())
      expect(world.lost).toEqual([])
      await world.end()
    }),
    { numRuns: RUNS },
  )
}, 600_000)

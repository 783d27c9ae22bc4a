// @vitest-environment jsdom
import { setImmediate } from 'node:timers/promises'
import { BACKEND_STATUSES, type BackendStatus, isTerminal } from '@session-backend/core'
import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import type { UseSessionBackendResult } from '../../src/session/result.ts'
import {
  createSessionHandle,
  createSharedSessions,
  type SessionHandle,
  sessionKey,
} from '../../src/session/shared-sessions.ts'
import { createWorld, type FakeSocket, sessionOf } from '../support/world.ts'

afterEach(() => vi.restoreAllMocks())

const DOCUMENTS = ['A', 'B'] as const
/** How long a session outlives its last component, in ms. */
const LINGER = 200
type DocumentId = (typeof DOCUMENTS)[number]

/** A component, as far as a session sees it. */
class Component {
  /** `null`: it is mounted, and shows no document. */
  documentId: DocumentId | null | undefined
  #handle: SessionHandle | undefined
  #leave = () => {}

  constructor(private readonly page: Page) {}

  show(documentId: DocumentId | null | undefined): void {
    const leave = this.#leave
    let mounted = true
    if (documentId) this.page.opens(documentId)
    if (documentId !== undefined) {
      this.#handle = this.page.handleOf(documentId)
      const unsubscribe = this.#handle.subscribe(() => {
        if (!mounted) this.page.lateUpdates++
      })
      this.#leave = () => {
        mounted = false
        unsubscribe()
      }
    } else this.#leave = () => {}
    this.documentId = documentId
    leave()
  }

  get session(): UseSessionBackendResult<unknown> | undefined {
    return this.documentId === undefined ? undefined : this.#handle?.getSnapshot()
  }
}

/** Two components on a page, and a world where the scheduler decides when each answer arrives. */
class Page {
  lateUpdates = 0
  /** Whether the page is in the back/forward cache. */
  isCached = false
  streamsAreBlocked = false
  readonly world = createWorld()
  readonly components = [new Component(this), new Component(this)]
  readonly #sessions = createSharedSessions()
  #backends = 0
  /** When backends of a document were replaced, in ms. */
  readonly replacements: Record<DocumentId, number[]> = { A: [], B: [] }
  /** Until when a document may have a socket: somebody shows it, or did so a moment ago. In ms that have passed. */
  readonly #shownUntil: Record<DocumentId, number> = { A: -1, B: -1 }
  #elapsed = 0
  /** Documents whose backend has ended, as the hook was told. */
  readonly #ended = new Set<DocumentId>()
  /** The addresses of answers that tell so, and are on their way to the hook; and of those that have arrived. */
  readonly #terminal = new Set<string>()
  readonly #delivered = new Set<string>()

  constructor(private readonly scheduler: fc.Scheduler) {}

  handleOf(documentId: DocumentId | null): SessionHandle {
    const { options, clock } = this.world
    const { fetch = globalThis.fetch } = options
    const { endpoint, random } = options
    const sessions = this.#sessions
    const handle = createSessionHandle({
      sessions,
      endpoint,
      documentId,
      enabled: true,
      clock,
      random,
      initialSession: undefined,
    })
    handle.setOptions({
      ...options,
      fetch: async (input, init) => {
        const url = String(input)
        this.#delivered.delete(url)
        if (documentId && init?.method === 'POST' && this.#ended.delete(documentId)) {
          this.replacements[documentId].push(clock.now())
        }
        const response = fetch(input, init)
        if (this.streamsAreBlocked && url.endsWith('/stream')) this.world.exchanges.at(-1)?.fail()
        await response.catch(() => {})
        await this.scheduler.schedule(Promise.resolve())
        // An answer that comes after the hook has given up tells it nothing.
        const tellsOfEnd = this.#terminal.delete(url)
        if (init?.signal?.aborted) return response
        this.#delivered.add(url)
        if (documentId && tellsOfEnd) this.#ended.add(documentId)
        return response
      },
    })
    return handle
  }

  /** As a pointer does that rests on a link. */
  preload(documentId: DocumentId): void {
    this.opens(documentId)
    this.handleOf(documentId).preload()
  }

  /** A document that nobody has open starts over. */
  opens(documentId: DocumentId): void {
    if (this.#sessions.stores.get(sessionKey(this.world.options.endpoint, documentId))) return
    this.replacements[documentId].length = 0
    this.#ended.delete(documentId)
  }

  passes(ms: number): void {
    this.#elapsed += ms
    this.world.clock.advance(ms)
  }

  reply(index: number, how: 'Loading' | 'Ready' | 'Failed' | 'busy' | 'forbidden' | 'lost'): void {
    const open = this.world.exchanges.filter(({ isOpen, started }) => isOpen && !started)
    const exchange = open[index % open.length]
    if (!exchange) return
    const documentId = exchange.url.includes('/sessions/') ? this.documentOf(exchange.url) : undefined
    if (how === 'busy') exchange.refuse(503, 'platform_busy')
    else if (how === 'lost') exchange.fail()
    else if (how === 'forbidden') exchange.refuse(403, 'forbidden')
    else if (documentId) {
      this.#note(exchange.url, how)
      exchange.reply(sessionOf(`${documentId}${++this.#backends}`, how))
    } else if (exchange.url.endsWith('/stream')) {
      this.#note(exchange.url, how)
      exchange.tell(how)
    } else {
      this.#note(exchange.url, how)
      exchange.reply({ state: how, time: '2026-01-01T00:00:00Z' })
    }
  }

  tell(index: number, status: BackendStatus): void {
    const streams = this.world.streams().filter(({ isOpen, started }) => isOpen && started)
    const stream = streams[index % streams.length]
    if (!stream) return
    this.#note(stream.url, status)
    stream.tell(status)
  }

  #note(url: string, status: BackendStatus): void {
    // Somebody ended it: its replacement is not paid.
    if (!isTerminal(status) || status === 'Terminated') return
    if (this.#delivered.has(url)) this.#ended.add(this.documentOf(url))
    else this.#terminal.add(url)
  }

  openSockets(): FakeSocket[] {
    return this.world.sockets.filter(({ readyState }) => readyState < 2)
  }

  documentOf(url: string): DocumentId {
    return /\/sessions\/A|\/A\d+|\/\/a\d+\./i.test(url) ? 'A' : 'B'
  }

  /** What has to hold at any time. */
  check(): void {
    const perDocument = this.openSockets().map(({ url }) => this.documentOf(url))
    expect(new Set(perDocument).size, 'at most one socket for each document').toBe(perDocument.length)
    expect(this.lateUpdates, 'no update after unmounting').toBe(0)
    if (this.isCached) expect(this.world.open(), 'nothing open in the back/forward cache').toEqual([])
    for (const { documentId } of this.components) {
      if (documentId) this.#shownUntil[documentId] = this.#elapsed + LINGER
    }
    for (const documentId of perDocument) {
      expect(this.#shownUntil[documentId], 'no socket that nobody looks at').toBeGreaterThan(this.#elapsed)
    }
    for (const { documentId, session } of this.components) {
      if (!session) continue
      if (!documentId) {
        expect(session.phase).toBe('idle')
        continue
      }
      const { phase, url, name, connection } = session
      if (url) expect(this.documentOf(url), 'the URL is of the document that is shown').toBe(documentId)
      expect(url === undefined || name !== undefined).toBe(true)
      expect(connection !== undefined).toBe(phase === 'connected' || phase === 'reconnecting')
      if (phase === 'connected' && !this.isCached)
        expect(perDocument, 'connected by an open socket').toContain(documentId)
    }
    for (const times of Object.values(this.replacements)) {
      const crowded = times.filter((time, index) => time - (times[index - 3] ?? -Infinity) < 60_000)
      expect(crowded, 'at most 3 replacements in 60 s').toEqual([])
    }
  }

  hide(): void {
    if (this.isCached) return
    this.isCached = true
    window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
  }

  /** Who comes back to a page starts over. */
  show(): void {
    if (!this.isCached) return
    this.isCached = false
    for (const times of Object.values(this.replacements)) times.length = 0
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  }

  /** What has to hold in the end. */
  async checkNothingIsLeft(): Promise<void> {
    this.show()
    for (const component of this.components) component.show(undefined)
    // What is preloaded is let go by then too.
    this.world.clock.advance(30_000)
    const { length } = this.world.exchanges
    await this.scheduler.waitIdle()
    this.world.clock.advance(600_000)
    await setImmediate()
    expect([this.world.open(), this.world.timers()]).toEqual([[], 0])
    expect(this.world.exchanges).toHaveLength(length)
    this.check()
  }
}

class Step implements fc.AsyncCommand<object, Page> {
  constructor(
    private readonly name: string,
    private readonly work: (page: Page) => void,
  ) {}

  check = () => true

  async run(_: object, page: Page): Promise<void> {
    // The program of a page in the back/forward cache stands still.
    if (!page.isCached || this.name === 'PageShow') this.work(page)
    await setImmediate()
    page.check()
  }

  toString = () => this.name
}

const anyOf = <const T>(...values: readonly T[]) => fc.constantFrom(...values)
const component = fc.nat(1)
const index = fc.nat(5)
const steps = [
  fc.tuple(component, anyOf(...DOCUMENTS)).map(
    ([number, id]) =>
      // Mount, or SetDocument where it is mounted.
      new Step(`Show(${number}, ${id})`, ({ components }) => components[number]?.show(id)),
  ),
  component.map((number) => new Step(`Idle(${number})`, ({ components }) => components[number]?.show(null))),
  component.map(
    (number) => new Step(`Unmount(${number})`, ({ components }) => components[number]?.show(undefined)),
  ),
  anyOf(...DOCUMENTS).map((id) => new Step(`Preload(${id})`, (page) => page.preload(id))),
  fc
    .tuple(index, anyOf('Loading', 'Ready', 'Ready', 'Failed', 'busy', 'forbidden', 'lost'))
    .map(([number, how]) => new Step(`Reply(${number}, ${how})`, (page) => page.reply(number, how))),
  fc
    .tuple(index, anyOf(...BACKEND_STATUSES))
    .map(([number, status]) => new Step(`Event(${number}, ${status})`, (page) => page.tell(number, status))),
  index.map(
    (number) =>
      new Step(`Open(${number})`, ({ world }) => {
        const waiting = world.sockets.filter(({ readyState }) => readyState === 0)
        waiting[number % waiting.length]?.open()
      }),
  ),
  fc.tuple(index, anyOf(1006, 4401)).map(
    ([number, code]) =>
      new Step(`Close(${number}, ${code})`, (page) => {
        const open = page.openSockets()
        open[number % open.length]?.drop(code)
      }),
  ),
  anyOf(true, false).map(
    (online) =>
      // A hint that may be a lie: answers come and sockets open all the same.
      new Step(online ? 'Online' : 'OnlineLies', () => {
        vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(online)
        if (online) window.dispatchEvent(new Event('online'))
      }),
  ),
  anyOf('PageHide', 'PageShow', 'PageShow', 'PageShow').map(
    (name) => new Step(name, (page) => (name === 'PageHide' ? page.hide() : page.show())),
  ),
  anyOf(60_000, 3_600_000).map(
    (ms) =>
      new Step(`Wake(${ms})`, (page) => {
        page.world.setClock(ms)
        page.passes(10_000)
      }),
  ),
  fc.constant(new Step('ClockBack', ({ world }) => world.setClock(-3_600_000))),
  fc.boolean().map(
    (areBlocked) =>
      new Step(`StreamBlocked(${areBlocked})`, (page) => {
        page.streamsAreBlocked = areBlocked
        if (areBlocked) for (const stream of page.world.streams()) if (stream.isOpen) stream.fail()
      }),
  ),
  anyOf(100, 500, 2000, 30_000, 60_000).map((ms) => new Step(`Time(${ms})`, (page) => page.passes(ms))),
]

/** Backends that end again and again. */
const crashes = [
  anyOf('Ready', 'Failed').map((how) => new Step(`Reply(${how})`, (page) => page.reply(0, how))),
  anyOf('Failed', 'Lost').map((status) => new Step(`Event(${status})`, (page) => page.tell(0, status))),
  anyOf(4000, 20_000).map((ms) => new Step(`Time(${ms})`, (page) => page.passes(ms))),
]

async function holds(commands: typeof steps, numRuns: number, before: (page: Page) => void = () => {}) {
  const many = fc.commands(commands, { maxCommands: 80, size: 'large' })
  const property = fc.asyncProperty(many, fc.scheduler(), async (sequence, scheduler) => {
    const page = new Page(scheduler)
    before(page)
    await fc.scheduledModelRun(scheduler, () => ({ model: {}, real: page }), sequence)
    await page.checkNothingIsLeft()
  })
  await fc.assert(
    property.afterEach(() => void vi.restoreAllMocks()),
    { numRuns },
  )
}

it('keeps its promises under any events in any order', () => holds(steps, 200), 60_000)

it(
  'stays within the budget when backends end again and again',
  () => holds(crashes, 100, ({ components }) => components[0]?.show('A')),
  60_000,
)

import { parsePageFrame, parseRoomFrame } from '@session-backend/core/internal'
import { Backend, type RoomBug } from './backend.ts'
import { BrowserStorage } from './browser.ts'
import { Disk, type DiskBug } from './disk.ts'
import { Tab } from './tab.ts'
import { pass } from './virtual-time.ts'
import { type Direction, Wire } from './wire.ts'

export type Bug = DiskBug | RoomBug | 'replay without order'

/** One document with all that is around it, and what must never happen to its messages. */
export class World {
  readonly tabs: Tab[] = []
  readonly problems: string[] = []
  readonly browsers: Record<string, BrowserStorage>
  backends: Backend[] = []
  readonly #disk: Disk
  readonly #reported = new Set<string>()
  /** What each page id and number stood for. */
  readonly #items = new Map<string, string>()
  #tokens = 0
  #opened = 0
  /** Which of the living backends tabs are sent to, counted from the newest. */
  route = 0

  constructor(
    private readonly random: () => number,
    private readonly bug?: Bug | undefined,
  ) {
    this.#disk = new Disk(
      this.delay,
      (list) => this.#check(list),
      bug === 'cursors in a second write' || bug === 'reading without a claim' ? bug : undefined,
    )
    this.browsers = { ada: new BrowserStorage(this.delay), ben: new BrowserStorage(this.delay) }
  }

  /** Mostly short, sometimes long. */
  delay = (): number => {
    const chance = this.random()
    return chance < 0.8 ? Math.floor(chance * 5) : Math.floor((chance - 0.8) * 200)
  }

  get alive(): Backend[] {
    return this.backends.filter(({ isAlive }) => isAlive)
  }

  spawn(): void {
    this.#tokens += 1
    const backend = new Backend(
      this.#tokens,
      this.#disk,
      this.bug === 'saved before it is written' ? this.bug : undefined,
    )
    this.backends = [...this.alive, backend]
    void backend.start()
  }

  open(user: string, persists: boolean): void {
    const browser = this.browsers[user]
    if (browser === undefined || this.tabs.filter(({ isOpen }) => isOpen).length >= 4) return
    this.tabs.push(new Tab(`t${this.#opened++}`, user, persists, this, browser))
  }

  fail(isFailing: boolean): void {
    this.#disk.isFailing = isFailing
  }

  dial(user: string): Wire {
    const { alive } = this
    const backend = alive[Math.max(0, alive.length - 1 - this.route)]
    let page = ''
    const wire = new Wire(this.delay, (direction, text) => {
      page = this.#observe(direction, text, page)
    })
    if (this.bug === 'replay without order') reverse(wire)
    if (backend) backend.connect(wire, user)
    else setTimeout(() => wire.cut(), 1)
    return wire
  }

  /** Everything works again: what was accepted is applied once, or was handed back. */
  async calm(): Promise<void> {
    this.fail(false)
    for (const backend of this.alive) backend.die()
    this.route = 0
    this.spawn()
    for (const tab of this.tabs) {
      if (!tab.wire) continue
      tab.wire.mishaps.toPage.length = 0
      tab.wire.mishaps.toRoom.length = 0
    }
    // What closed tabs have left is for the next one.
    for (const user of Object.keys(this.browsers))
      this.tabs.push(new Tab(`z-${user}`, user, true, this, this.browsers[user] as BrowserStorage))
    // The network has its timeouts, and the storage its back-off.
    for (let seconds = 0; seconds < 120 && !this.#isQuiet; seconds++) await pass(1_000)
    const list = this.#disk.list
    this.#check(list)
    for (const item of this.#reported) {
      if (!list.includes(item)) this.problems.push(`${item} was reported as saved, and is not there`)
    }
    const handedBack = new Set(this.tabs.flatMap((tab) => [...tab.handedBack]))
    for (const tab of this.tabs) {
      if (tab.isOpen && tab.unsaved > 0)
        this.problems.push(`${tab.name} still has ${tab.unsaved} unsaved messages`)
      if (!tab.isOpen) continue
      for (const item of tab.sent) {
        if (!list.includes(item) && !handedBack.has(item))
          this.problems.push(`${item} was accepted, and is gone`)
      }
    }
    for (const [user, { kept }] of Object.entries(this.browsers)) {
      if (kept.length > 0) this.problems.push(`the browser of ${user} still keeps ${kept.join(' ')}`)
    }
  }

  get #isQuiet(): boolean {
    const kept = Object.values(this.browsers).some(({ kept }) => kept.length > 0)
    return (
      !kept && this.tabs.every(({ isOpen, unsaved, connection }) => !isOpen || (connection && unsaved === 0))
    )
  }

  end(): void {
    for (const tab of this.tabs) tab.close()
    for (const backend of this.alive) backend.die()
  }

  #check(list: readonly string[]): void {
    if (new Set(list).size < list.length) this.problems.push(`something was applied twice: ${list.join(' ')}`)
    for (const { name } of this.tabs) {
      const numbers = list
        .filter((item) => item.startsWith(`${name}.`))
        .map((item) => Number(item.split('.')[1]))
      if (numbers.some((number, index) => number < (numbers[index - 1] ?? 0))) {
        this.problems.push(`the order of ${name} was not kept: ${numbers.join(' ')}`)
      }
    }
  }

  /** Listens on a wire. Returns the page id that numbers belong to. */
  #observe(direction: Direction, text: string, page: string): string {
    if (direction === 'toRoom') {
      const frame = parsePageFrame(text)
      if (frame?.type === 'hello') return frame.page
      if (frame?.type === 'message' && frame.number > 0)
        this.#note(`${page} ${frame.number}`, String(frame.content))
      return page
    }
    const frame = parseRoomFrame(text)
    const saved = frame?.type === 'welcome' ? frame.saved : frame?.type === 'saved' ? frame.number : 0
    for (let number = 1; number <= saved && frame && 'page' in frame; number++) {
      const item = this.#items.get(`${frame.page} ${number}`)
      if (item !== undefined) this.#reported.add(item)
    }
    return page
  }

  #note(key: string, item: string): void {
    const known = this.#items.get(key)
    if (known !== undefined && known !== item) this.problems.push(`${key} was ${known}, and then ${item}`)
    this.#items.set(key, item)
  }
}

/** What is sent in one turn goes out the wrong way round. */
function reverse(wire: Wire): void {
  const send = wire.page.send.bind(wire.page)
  let turn: Parameters<typeof send>[0][] = []
  wire.page.send = (frame) => {
    turn.push(frame)
    if (turn.length > 1) return
    queueMicrotask(() => {
      const frames = turn.reverse()
      turn = []
      for (const each of frames) send(each)
    })
  }
}

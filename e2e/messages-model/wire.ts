import { EventEmitter } from 'node:events'
import type { SocketLike } from '../../packages/react/src/connection/web-socket.ts'

/** What the network does to the next frame of a direction. */
export type Mishap = 'lose' | 'double'
export type Direction = 'toRoom' | 'toPage'

/** A WebSocket between a page and a room: frames arrive in order, after a while, unless something happens to them. */
export class Wire {
  readonly page: SocketLike & { readyState: number }
  readonly room = new RoomSocket(this)
  readonly mishaps: Record<Direction, Mishap[]> = { toRoom: [], toPage: [] }
  #arrivals: Record<Direction, number> = { toRoom: 0, toPage: 0 }
  #isCut = false

  /** @param delay Makes the ms that each frame takes. */
  constructor(
    private readonly delay: () => number,
    private readonly seen: (direction: Direction, text: string) => void,
  ) {
    const send = (text: unknown) => this.carry('toRoom', String(text))
    this.page = {
      readyState: 0,
      binaryType: 'blob',
      ...{ onopen: null, onmessage: null, onclose: null, onerror: null },
      send,
      close: () => {
        if (this.page.readyState > 1) return
        this.page.readyState = 3
        this.#later('toRoom', () => this.room.ended())
      },
    }
  }

  open(): void {
    this.#later('toPage', () => {
      if (this.page.readyState !== 0) return
      this.page.readyState = 1
      call(this.page.onopen, {})
    })
  }

  carry(direction: Direction, text: string): void {
    const mishap = this.mishaps[direction].shift()
    if (mishap === 'lose') return
    const deliver = () => {
      if (direction === 'toRoom') this.room.arrived(text)
      else if (this.page.readyState === 1) {
        this.seen(direction, text)
        call(this.page.onmessage, { data: text })
      }
    }
    if (direction === 'toRoom') this.seen(direction, text)
    this.#later(direction, deliver)
    if (mishap === 'double') this.#later(direction, deliver)
  }

  /** The room has closed it. */
  closed(code: number): void {
    this.#later('toPage', () => {
      if (this.page.readyState > 1) return this.room.ended()
      this.page.readyState = 3
      call(this.page.onclose, { code })
      this.room.ended()
    })
  }

  /** What is under way is lost, and both ends learn of it in their time. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    setTimeout(() => this.room.ended(), this.delay())
    setTimeout(() => {
      if (this.page.readyState > 1) return
      this.page.readyState = 3
      call(this.page.onclose, { code: 1006 })
    }, this.delay())
  }

  #later(direction: Direction, work: () => void): void {
    const at = Math.max(this.#arrivals[direction], Date.now() + this.delay())
    this.#arrivals[direction] = at
    setTimeout(() => {
      if (!this.#isCut) work()
    }, at - Date.now())
  }
}

/** The room's end, as the `ws` package has it. */
class RoomSocket extends EventEmitter {
  readonly OPEN = 1
  readonly bufferedAmount = 0
  readyState = 1
  #paused: string[] | undefined

  constructor(private readonly wire: Wire) {
    super()
  }

  arrived(text: string): void {
    if (this.#paused) this.#paused.push(text)
    else if (this.readyState === 1) this.emit('message', text, false)
  }

  ended(): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.emit('close')
  }

  send(frame: unknown): void {
    if (this.readyState === 1) this.wire.carry('toPage', String(frame))
  }

  close(code = 1005): void {
    if (this.readyState !== 1) return
    this.readyState = 2
    this.wire.closed(code)
  }

  terminate(): void {
    this.wire.cut()
  }

  pause(): void {
    this.#paused ??= []
  }

  resume(): void {
    const paused = this.#paused ?? []
    this.#paused = undefined
    for (const text of paused) this.arrived(text)
  }

  ping(): void {
    if (this.readyState === 1) setTimeout(() => this.emit('pong'), 1)
  }
}

function call(handler: ((event: never) => void) | null, event: object): void {
  handler?.(event as never)
}

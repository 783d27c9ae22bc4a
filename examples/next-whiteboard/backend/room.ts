import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { COLORS, type FromBackend, type Person, parseToBackend, type ToBackend } from '../shared/messages.ts'
import type { Ticket } from '../shared/ticket.ts'
import type { Board } from './board.ts'
import { keepAlive } from './keep-alive.ts'

/** A page that has not read this many bytes is too slow to be waited for: it reconnects and catches up. */
const MAX_BUFFERED = 4 * 1024 * 1024

/** Everybody who has the board open: passes strokes and cursors between their sockets. */
export class Room {
  readonly #people = new Map<WebSocket, Person>()
  #saved: Record<string, number> = {}

  constructor(
    private readonly board: Board,
    /** Called when what is on the board has changed. */
    private readonly onChange: () => void,
  ) {}

  /** Lets somebody in, and follows their socket until it closes. */
  join(socket: WebSocket, { name, role }: Ticket): void {
    const person = { id: randomUUID(), name, role, color: this.#freeColor() }
    this.#people.set(socket, person)
    this.#send(socket, {
      type: 'welcome',
      you: person.id,
      people: this.#everybody(),
      strokes: this.board.strokes,
    })
    this.#send(socket, { type: 'saved', points: this.#saved })
    this.#broadcast({ type: 'people', people: this.#everybody() }, socket)
    const heartbeat = keepAlive(socket)
    socket.on('message', (data) => this.#receive(socket, person, String(data)))
    socket.on('close', () => {
      clearInterval(heartbeat)
      this.#people.delete(socket)
      this.#broadcast({ type: 'people', people: this.#everybody() })
    })
  }

  /** Tells everybody what is safe on disk. */
  announceSaved(points: Record<string, number>): void {
    this.#saved = points
    this.#broadcast({ type: 'saved', points })
  }

  /** Closes every socket: `code` tells pages why. */
  close(code: number, reason: string): void {
    for (const socket of this.#people.keys()) socket.close(code, reason)
  }

  /** The page of a viewer offers no pen; one that sends a stroke all the same is not listened to. */
  #receive(socket: WebSocket, { id, role }: Person, text: string): void {
    const message = parseToBackend(text)
    if (!message) socket.close(1007, 'unreadable message')
    else if (message.type === 'cursor') {
      this.#broadcast({ type: 'cursor', person: id, x: message.x, y: message.y }, socket)
    } else if (role === 'editor' && this.#change(message)) {
      this.#broadcast(message, socket)
      this.onChange()
    }
  }

  #change(message: Exclude<ToBackend, { type: 'cursor' }>): boolean {
    return message.type === 'draw' ? this.board.draw(message) : this.board.erase(message.ids)
  }

  #everybody(): Person[] {
    return [...this.#people.values()]
  }

  #freeColor(): number {
    const taken = new Set(this.#everybody().map(({ color }) => color))
    const free = COLORS.findIndex((_, color) => !taken.has(color))
    return free === -1 ? this.#people.size % COLORS.length : free
  }

  #broadcast(message: FromBackend, except?: WebSocket): void {
    for (const socket of this.#people.keys()) if (socket !== except) this.#send(socket, message)
  }

  #send(socket: WebSocket, message: FromBackend): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate()
    else socket.send(JSON.stringify(message))
  }
}

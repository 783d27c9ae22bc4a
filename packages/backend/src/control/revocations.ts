import type { WebSocket } from 'ws'

/** PROTOCOL.md: "Revocation". */
const MAX_USERS = 10_000
/** How long a page may take to answer that its connection is closed, in ms. */
const CLOSE_TIMEOUT = 500

/** Who is connected, and when they were authorized for it. */
export interface Authorization {
  user: string | undefined
  /** In ms since the epoch; `undefined` if nobody says. */
  authorizedAt: number | undefined
}

/** The users who were revoked, and the connections that they may still have. */
export class Revocations {
  /** By user, the time of their last revocation; the one that was revoked last is the last. */
  readonly #times = new Map<string, number>()
  /** What was authorized up to this time is refused, for all users. */
  #forgotten = Number.NEGATIVE_INFINITY
  readonly #connected = new Map<WebSocket, Authorization>()

  /**
   * Takes a connection in, which is closed if its user is revoked later. Closes it at once, and returns
   * false, if they are.
   */
  admit(socket: WebSocket, authorization: Authorization): boolean {
    if (this.#isRevoked(authorization)) {
      end(socket)
      return false
    }
    this.#connected.set(socket, authorization)
    socket.once('close', () => this.#connected.delete(socket))
    return true
  }

  /** Ends, and refuses from now on, all connections of a user that were authorized up to a time. */
  revoke(user: string, time: number): void {
    const latest = Math.max(time, this.#times.get(user) ?? time)
    this.#times.delete(user)
    this.#times.set(user, latest)
    if (this.#times.size > MAX_USERS) this.#forgetOldest()
    for (const [socket, authorization] of this.#connected) {
      if (authorization.user === user && this.#isRevoked(authorization)) end(socket)
    }
  }

  #isRevoked({ user, authorizedAt = 0 }: Authorization): boolean {
    if (authorizedAt <= this.#forgotten) return true
    const time = user === undefined ? undefined : this.#times.get(user)
    return time !== undefined && authorizedAt <= time
  }

  #forgetOldest(): void {
    for (const [user, time] of this.#times) {
      this.#times.delete(user)
      this.#forgotten = Math.max(this.#forgotten, time)
      return
    }
  }
}

/** A page that doesn't read, or doesn't answer, is cut. */
function end(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT)
  socket.once('close', () => clearTimeout(timer))
  socket.close(4403, 'Your access to this document has ended.')
}

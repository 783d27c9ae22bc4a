import { type RawData, WebSocket } from 'ws'
import { within } from './deadline.ts'
import { Finding } from './finding.ts'

/** How long a handshake may take, in ms. */
const OPEN_LIMIT = 10_000

/** How a connection was closed. The code is 1006 if it was cut. */
export interface Closing {
  code: number
  reason: string
}

/** A page's WebSocket. */
export class PageSocket {
  /** How it was closed, if it was. */
  closing: Closing | undefined
  readonly closed: Promise<Closing>

  private constructor(private readonly socket: WebSocket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.closing = { code, reason: reason.toString() }
        resolve(this.closing)
      })
    })
    // What follows is 'close'.
    socket.on('error', () => {})
  }

  /** Connects. Throws {@link Finding} if there is no WebSocket. */
  static async open(url: string, signal: AbortSignal): Promise<PageSocket> {
    const socket = new WebSocket(url, { handshakeTimeout: OPEN_LIMIT })
    const page = new PageSocket(socket)
    const opening = new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', ({ message }) =>
        reject(new Finding(`No WebSocket could be opened: ${message}.`, ADVICE)),
      )
    })
    const late = () => new Finding(`No WebSocket was open after ${OPEN_LIMIT / 1000} s.`, ADVICE)
    try {
      await within(opening, OPEN_LIMIT, signal, late)
      return page
    } catch (error) {
      page.cut()
      throw error
    }
  }

  /** Calls `receive` for each message. */
  onMessage(receive: (data: RawData, isBinary: boolean) => void): void {
    this.socket.on('message', receive)
  }

  send(data: string | Uint8Array): void {
    this.socket.send(data, () => {})
  }

  /** Resolves when a ping is answered, and so everything that was sent before has been read; or at the close. */
  answersPing(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.socket.once('pong', () => resolve())
    })
    this.socket.ping()
    return Promise.race([answered, this.closed.then(() => {})])
  }

  close(): void {
    this.socket.close()
  }

  cut(): void {
    this.socket.terminate()
  }
}

const ADVICE = 'Check the path of --path, and who may connect: --user and --auth.'

/** A closing in words. */
export function inWords({ code, reason }: Closing): string {
  return code === 1006 ? 'cut without a code' : `closed with ${code}${reason && ` (${reason})`}`
}

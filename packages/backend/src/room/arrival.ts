/** How long a connection may send nothing that it kept until it is taken to be done, in ms. */
const SILENCE = 1_000

/**
 * A connection that sends again what its pages kept. The app lets it in when that is done, so that the
 * document that it gets contains all of it. PROTOCOL.md: "Coming in".
 */
export class Arrival {
  #timer: NodeJS.Timeout

  constructor(private readonly onDone: () => void) {
    this.#timer = this.#start()
  }

  /** Something that was kept has come. */
  goOn(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#start()
  }

  finish(): void {
    this.cancel()
    this.onDone()
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }

  #start(): NodeJS.Timeout {
    return setTimeout(this.onDone, SILENCE)
  }
}

import { Feed } from './feed.ts'

/** How much of a backend's log is kept, in characters: some 2,000 lines of the usual length. */
export const MAX_LOG = 512 * 1024
/** What a line counts besides its characters, as an object in memory. */
const LINE_OVERHEAD = 200
/** A longer line is cut into several, in characters. */
export const MAX_LINE_LENGTH = 4_096

/** What a backend prints: its last lines in a ring buffer, then live, until it has ended. */
export class Log {
  readonly lines = new Feed<string>(MAX_LOG, (line) => line.length + LINE_OVERHEAD)
  readonly #unfinished = new Map<string, string>()

  /** Adds a piece of what comes from `source`, for instance stdout. Lines of several sources don't mix. */
  write(text: string, source = ''): void {
    const lines = `${this.#unfinished.get(source) ?? ''}${text}`.split(/\r?\n/)
    let rest = lines.pop() ?? ''
    for (const line of lines) this.#push(line)
    while (rest.length > MAX_LINE_LENGTH) {
      this.#push(rest.slice(0, MAX_LINE_LENGTH))
      rest = rest.slice(MAX_LINE_LENGTH)
    }
    this.#unfinished.set(source, rest)
  }

  /** Adds what was not yet a whole line, and ends the log. */
  end(): void {
    for (const rest of this.#unfinished.values()) if (rest !== '') this.#push(rest)
    this.#unfinished.clear()
    this.lines.end()
  }

  #push(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += MAX_LINE_LENGTH) {
      this.lines.push(line.slice(start, start + MAX_LINE_LENGTH))
    }
  }
}

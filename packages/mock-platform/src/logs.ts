import { Feed } from './feed.ts'

/** How many lines of a backend's log are kept. */
export const MAX_LINES = 2_000
/** A longer line is cut into several, in characters. */
export const MAX_LINE_LENGTH = 4_096

/** What a backend prints: its last lines in a ring buffer, then live, until it has ended. */
export class Log {
  readonly lines = new Feed<string>(MAX_LINES)
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

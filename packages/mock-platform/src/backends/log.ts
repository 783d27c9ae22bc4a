import { Feed } from '../feed.ts'

/**
 * How much of the log of a running backend is kept, in bytes of memory: some 2,000 lines of the usual length.
 */
export const MAX_LOG = 512 * 1024
/** How much of it is kept when the backend has ended, in bytes: a thousand ended backends are remembered. */
const MAX_ENDED_LOG = 64 * 1024
/** What a line takes in memory in addition to its characters, in bytes. */
const LINE_OVERHEAD = 200
/** A longer line is cut into several, in characters. */
export const MAX_LINE_LENGTH = 4_096

/** How many lines of stderr are kept to say why a backend failed, and how much of each, in characters. */
const MAX_STDERR_LINES = 15
const MAX_STDERR_LINE = 300

/** The output of a backend: its last lines in a ring buffer, then live, until it has ended. */
export class Log {
  readonly lines = new Feed<string>(MAX_LOG, weigh)
  readonly #unfinished = new Map<string, string>()
  #stderr: string[] = []

  /** The last lines that came from stderr, without empty ones. */
  get stderr(): readonly string[] {
    return this.#stderr
  }

  /** Adds a piece of what comes from `source`, for instance stdout. Lines of several sources don't mix. */
  write(text: string, source = ''): void {
    const all = `${this.#unfinished.get(source) ?? ''}${text}`
    const lines = all.split(all.includes('\r') ? /\r?\n/ : '\n')
    let rest = lines.pop() ?? ''
    while (rest.length > MAX_LINE_LENGTH) {
      lines.push(rest.slice(0, MAX_LINE_LENGTH))
      rest = rest.slice(MAX_LINE_LENGTH)
    }
    // A piece may have 65,000 empty lines. Lines that would be dropped at once are skipped.
    this.#push(lines.slice(-MAX_LOG / LINE_OVERHEAD), source)
    this.#unfinished.set(source, rest)
  }

  /** Adds the unfinished lines, and ends the log. Only its last part stays in memory. */
  end(): void {
    for (const [source, rest] of this.#unfinished) if (rest !== '') this.#push([rest], source)
    this.#unfinished.clear()
    this.lines.end()
    this.lines.shrink(MAX_ENDED_LOG, copy)
    this.#stderr = this.#stderr.map(copy)
  }

  #push(lines: readonly string[], source: string): void {
    this.lines.pushAll(lines.flatMap(cut))
    if (source !== 'stderr') return
    for (const line of lines) if (line.trim() !== '') this.#stderr.push(line.slice(0, MAX_STDERR_LINE))
    this.#stderr = this.#stderr.slice(-MAX_STDERR_LINES)
  }
}

/** Cuts a line that is too long into several. */
function cut(line: string): string[] {
  if (line.length <= MAX_LINE_LENGTH) return [line]
  const parts: string[] = []
  for (let start = 0; start < line.length; start += MAX_LINE_LENGTH) {
    parts.push(line.slice(start, start + MAX_LINE_LENGTH))
  }
  return parts
}

/** V8 keeps a string at one byte a character, or at two if one of them is not Latin-1. */
function weigh(line: string): number {
  return line.length * (/[^\0-\xff]/.test(line) ? 2 : 1) + LINE_OVERHEAD
}

/**
 * A part of a string keeps the whole of it in memory, here the piece that came through the pipe; a copy does
 * not.
 */
function copy(line: string): string {
  return Buffer.from(line, 'utf16le').toString('utf16le')
}

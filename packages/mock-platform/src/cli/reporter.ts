import { stripVTControlCharacters } from 'node:util'
import { pino } from 'pino'
import type { LogLine, StatusReport } from '../options/options.ts'
import type { CommandLine } from './command-line.ts'

/** Where lines go. */
export interface Output {
  /** Whether a person reads: lines for people, JSON lines for programs. */
  isTerminal: boolean
  hasColors: boolean
  write(text: string): unknown
}

/** Tells the person who started the platform, or their log, what happens. */
export interface Reporter {
  status(report: StatusReport): void
  /** A line that a backend printed. */
  log(line: LogLine): void
  /** A line that the app printed. */
  app(line: string): void
  problem(problem: unknown): void
  info(message: string, details?: object): void
}

/** Reports to stderr, but for what the app prints. */
export function createReporter(
  level: CommandLine['logLevel'],
  outputs: { stdout: Output; stderr: Output },
): Reporter {
  const logger = createLogger(level, outputs.stderr)
  // The platform's log level is not the app's.
  const app = createLogger('info', outputs.stdout)
  return {
    status({ state, name, service, lock, reason, stderr }) {
      const details = { ...(reason !== undefined && { reason }), ...(stderr?.length && { stderr }) }
      const entry = { backend: name, service, lock, ...details }
      if (reason === undefined) logger.info(entry, state)
      else logger.error(entry, state)
    },
    log: ({ name, service, lock, line }) =>
      logger.info({ source: 'backend', backend: name, service, lock }, line),
    app: (line) => app.info({ source: 'app' }, line),
    problem: (problem) => logger.error({ err: problem }, 'The platform has failed'),
    info: (message, details = {}) => logger.info(details, message),
  }
}

function createLogger(level: CommandLine['logLevel'], { isTerminal, hasColors, write }: Output) {
  return pino({ level }, { write: (line) => write(isTerminal ? toHumanLines(line, hasColors) : line) })
}

function toHumanLines(json: string, hasColors: boolean): string {
  const { time, msg, source, backend, service, lock, reason, stderr = [], err } = JSON.parse(json)
  const subject = backend ? paint(withoutControls(lock ?? `${service} ${backend}`), hasColors) : ''
  if (source)
    return `${source === 'app' ? paint('app', hasColors) : subject} │ ${printable(msg, hasColors)}\n`
  const cause = reason ?? err?.stack ?? err?.message
  const text = `${new Date(time).toTimeString().slice(0, 8)}  ${subject && `${subject}  `}${msg}${cause ? `: ${cause}` : ''}`
  const quoted = stderr.map((each: string) => `          | ${withoutControls(each)}`)
  return `${[text, ...quoted].join('\n')}\n`
}

/** Colours that are legible on dark and light, as SGR has them. Red would look like an error. */
const COLORS = [36, 35, 33, 32, 34, 96]

/** A name in its colour, always the same one. */
function paint(name: string, hasColors: boolean): string {
  if (!hasColors) return name
  const sum = Array.from(name).reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0)
  return `\x1b[${COLORS[sum % COLORS.length]}m${name}\x1b[0m`
}

const COLOR = new RegExp(`(${'\x1b'}\\[[\\d;]*m)`)

/** Removes what would change the terminal. Colours are kept, and end with the line. */
function printable(text: string, hasColors: boolean): string {
  const parts = text
    .split(COLOR)
    .map((part, i) => (i % 2 === 0 ? withoutControls(part) : hasColors ? part : ''))
  return parts.length > 1 && hasColors ? `${parts.join('')}\x1b[0m` : parts.join('')
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (control) => (control === '\t' ? '  ' : ''))
}

import { stripVTControlCharacters } from 'node:util'
import { pino } from 'pino'
import type { StatusReport } from '../options/options.ts'
import type { CommandLine } from './command-line.ts'

/** Reports what happens to the person who started the platform, or to their log. */
export interface Reporter {
  status(report: StatusReport): void
  problem(problem: unknown): void
  info(message: string): void
}

/** Lines for people on a terminal, JSON lines for programs elsewhere. Both go to stderr. */
export function createReporter(
  level: CommandLine['logLevel'],
  isTerminal: boolean,
  write: (text: string) => void = (text) => void process.stderr.write(text),
): Reporter {
  const logger = pino({ level }, { write: (line) => write(isTerminal ? toHumanLines(line) : line) })
  return {
    status({ state, name, service, reason, stderr }) {
      const details = { ...(reason !== undefined && { reason }), ...(stderr?.length && { stderr }) }
      const entry = { backend: name, service, ...details }
      if (reason === undefined) logger.info(entry, state)
      else logger.error(entry, state)
    },
    problem: (problem) => logger.error({ err: problem }, 'The platform has failed'),
    info: (message) => logger.info(message),
  }
}

function toHumanLines(line: string): string {
  const { time, msg, backend, service, reason, stderr = [], err } = JSON.parse(line)
  const subject = backend ? `${service} ${backend}  ` : ''
  const cause = reason ?? err?.stack ?? err?.message
  const text = `${new Date(time).toTimeString().slice(0, 8)}  ${subject}${msg}${cause ? `: ${cause}` : ''}`
  // What a backend prints must not be able to change the terminal.
  const quoted = stderr.map((each: string) => `          | ${withoutControls(each)}`)
  return `${[text, ...quoted].join('\n')}\n`
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (control) => (control === '\t' ? '  ' : ''))
}

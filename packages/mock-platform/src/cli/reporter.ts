import { pino } from 'pino'
import type { StatusReport } from '../options.ts'
import type { Arguments } from './arguments.ts'

/** Tells whoever started the platform what happens. */
export interface Reporter {
  status(report: StatusReport): void
  problem(problem: unknown): void
  info(message: string): void
}

/** Lines for people on a terminal, JSON lines for programs elsewhere; both on stderr. */
export function createReporter(level: Arguments['logLevel'], isTerminal: boolean): Reporter {
  const logger = pino({ level }, isTerminal ? humanLines() : pino.destination({ dest: 2, sync: true }))
  return {
    status: ({ state, name, service }) => logger.info({ backend: name, service }, state),
    problem: (problem) => logger.error({ err: problem }, 'The platform has failed'),
    info: (message) => logger.info(message),
  }
}

function humanLines() {
  return {
    write(line: string) {
      const { time, msg, backend, service, err } = JSON.parse(line)
      const clock = new Date(time).toTimeString().slice(0, 8)
      const subject = backend ? `${service} ${backend}  ` : ''
      process.stderr.write(`${clock}  ${subject}${msg}${err ? `: ${err.stack ?? err.message}` : ''}\n`)
    },
  }
}

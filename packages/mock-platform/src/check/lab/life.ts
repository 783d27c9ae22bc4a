import { isTerminal } from '@session-backend/core'
import type { StatusReport } from '../../options/options.ts'

/** What the platform reports about one backend. */
export class Life {
  /** When it became Ready, in ms of `performance.now()`. */
  readyAt: number | undefined
  /** Its last status, once it has ended. */
  end: StatusReport | undefined
  /** Resolves when it is Ready or has ended. */
  readonly started: Promise<void>
  readonly ended: Promise<StatusReport>
  #start = () => {}
  #end = (_report: StatusReport) => {}

  constructor() {
    this.started = new Promise((resolve) => {
      this.#start = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** To be called with each status that it reaches. */
  report(report: StatusReport): void {
    if (report.state === 'Ready') this.readyAt = performance.now()
    else if (isTerminal(report.state)) {
      this.end = report
      this.#end(report)
    } else return
    this.#start()
  }
}

/** What Node and Python print around an error. */
const NOISE = /^\s+at |^Node\.js v|^\s*\^|^\s*$|^Traceback |^\s+File "/
/** How many of its last lines are told. */
const LINES = 2

/** How a backend has ended, in sentences. */
export function howItEnded({ state, reason = '', stderr = [] }: StatusReport): string {
  const lines = stderr.filter((line) => !NOISE.test(line)).slice(-LINES)
  const said = lines.length === 0 ? '' : ` It printed: ${lines.map((line) => line.trim()).join(' / ')}`
  return `It ended as ${state}. ${reason}${said}`
}

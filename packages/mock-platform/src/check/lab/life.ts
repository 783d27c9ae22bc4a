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

/** A line that names an error, as most languages print them. */
const ERROR = /\b\w*(?:Error|Exception|panic)\b.*: /

/** Node's last words. */
const NODE_VERSION = /^Node\.js v\d/

/** How a backend has ended, in sentences. */
export function howItEnded({ state, reason = '', stderr = [] }: StatusReport): string {
  const line =
    stderr.findLast((each) => ERROR.test(each)) ?? stderr.findLast((each) => !NODE_VERSION.test(each))
  const said = line === undefined ? '' : ` It printed: ${line.trim()}`
  // There is no dashboard here.
  return `It ended as ${state}. ${reason.replace(' Its whole log is in the dashboard.', '')}${said}`
}

import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childOf } from '@session-backend/core/internal'
import { type Check, notTried, type Verdict } from './checks/check.ts'
import { type Discovery, discover } from './discover.ts'
import { Finding } from './lab/finding.ts'
import { Lab } from './lab/lab.ts'
import type { Scale } from './lab/scale.ts'
import type { Subject } from './lab/subject.ts'

/** Options of {@link runChecks}. */
export interface RunOptions {
  subject: Subject
  checks: readonly Check[]
  scale: Scale
  /** Aborts the run. */
  signal: AbortSignal
  /** Called when a check begins. */
  onStart?: (check: Check) => void
  /** Called with what was found out about the program, before the first check that builds on it. */
  onDiscovery?: (discovery: Discovery) => void
  /** Called with what a check found. */
  onResult?: (result: CheckResult) => void
}

/** What a check found, and how. */
export interface CheckResult extends Verdict {
  name: string
  title: string
  tried: string
  /** How long it took, in ms. */
  took: number
}

/** By how much the clock of each platform is ahead of the one before, at least, in ms. */
const STEP = 100

/** Runs checks, one after another. Rejects if the signal aborts. Nothing is left behind. */
export async function runChecks(options: RunOptions): Promise<CheckResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-check-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // A second Ctrl-C ends the program at once.
  process.once('exit', remove)
  try {
    return await new Run(options, folder).results()
  } finally {
    process.off('exit', remove)
    remove()
  }
}

class Run {
  readonly #id = Date.now().toString(36)
  #start = 0
  readonly #results: CheckResult[] = []
  #discovery: Discovery | undefined

  constructor(
    private readonly options: RunOptions,
    private readonly folder: string,
  ) {}

  async results(): Promise<CheckResult[]> {
    for (const check of this.options.checks) {
      const { name, title, tried } = check
      this.options.onStart?.(check)
      const since = performance.now()
      const verdict = await this.#verdictOf(check)
      this.options.signal.throwIfAborted()
      const took = Math.round(performance.now() - since)
      const result = { name, title, tried: tried(this.options.scale), ...verdict, took }
      this.#results.push(result)
      this.options.onResult?.(result)
    }
    return this.#results
  }

  async #verdictOf(check: Check): Promise<Verdict> {
    const failed = this.#results.find(({ name, result }) => name === 'ready' && result === 'fail')
    if (failed) return notTried('It was never Ready.')
    try {
      const discovery = check.name === 'ready' ? undefined : await this.#discover()
      const why = discovery && this.#whyNotTried(check, discovery)
      return why ?? (await this.#inLab(check.name, check.limit, discovery, (lab) => check.run(lab)))
    } catch (error) {
      return toFailure(error)
    }
  }

  get #isSaving(): boolean {
    return this.#results.every(({ name, result }) => name !== 'saves' || result !== 'fail')
  }

  #whyNotTried({ name, needs, waitsForNoSave }: Check, { missing }: Discovery): Verdict | undefined {
    for (const need of needs) {
      const why = missing.get(need)
      if (why !== undefined) return notTried(why)
    }
    const builds = name !== 'saves' && needs.includes('edits') && !waitsForNoSave
    return builds && !this.#isSaving ? notTried('It builds on `saves`, which failed.') : undefined
  }

  async #discover(): Promise<Discovery> {
    if (this.#discovery) return this.#discovery
    const discovery = await this.#inLab('discovery', DISCOVERY_LIMIT, undefined, discover)
    this.#discovery = discovery
    this.options.onDiscovery?.(discovery)
    return discovery
  }

  async #inLab<Value>(
    name: string,
    limit: number,
    discovery: Discovery | undefined,
    work: (lab: Lab) => Promise<Value>,
  ): Promise<Value> {
    const { subject, scale } = this.options
    const late = childOf(this.options.signal)
    // Every page that is open listens.
    setMaxListeners(0, late.signal)
    const timer = setTimeout(
      () => late.abort(new Finding(`It took more than ${limit / 1000} s.`, LATE_TODO)),
      limit,
    )
    const lab = new Lab({
      ...{ subject, scale, folder: this.folder, signal: late.signal },
      offered: new Set([...(discovery?.offered ?? [])].filter((need) => need !== 'edits' || this.#isSaving)),
      documentId: `check-${this.#id}-${name}`,
      nextStart: () => {
        this.#start = Math.max(Date.now(), this.#start + STEP)
        return this.#start
      },
    })
    try {
      return await work(lab)
    } finally {
      clearTimeout(timer)
      await lab.close()
      // Leaves nothing behind on the signal of the run.
      late.abort()
    }
  }
}

/** How long it may take to find out about a program, in ms. */
const DISCOVERY_LIMIT = 330_000
const LATE_TODO = 'Its log in `mock-platform` says what it waits for.'

function toFailure(error: unknown): Verdict {
  if (error instanceof Finding) return { result: 'fail', happened: error.message, todo: error.todo }
  const message = error instanceof Error ? error.message : String(error)
  return {
    result: 'fail',
    happened: `The check could not go on: ${message}`,
    todo: 'Try it again. If it fails in the same way, report it.',
  }
}

import { type Clock, SessionBackendError } from '@session-backend/core'
import { sleep } from '@session-backend/core/internal'
import { check, checkOptional, POSITIVE, type Rule, TEXT } from '../common/checks.ts'
import type { CallOptions, Platform, RunningBackend } from '../common/platform.ts'
import { endBackend, readCreationTime } from '../control/end-backend.ts'
import { type LockFunction, lockOf } from '../request/lock.ts'

/** Options of a roll-out. */
export interface RollOutOptions extends CallOptions {
  /**
   * The tag that backends should run. Backends that already run it are skipped. Default: all are restarted.
   */
  tag?: string | undefined
  /** How many backends to restart each second. Default 1. */
  perSecond?: number | undefined
  /** The ids of the documents whose backends are restarted. Default: all backends of the service. */
  documents?: readonly string[] | undefined
  /**
   * Backends that were created after this time are skipped, if their tag isn't known. Default: now. To resume
   * a roll-out, pass the `before` of its first report.
   */
  before?: Date | undefined
  /** Called when it is known which backends are running, and after each restart. */
  onProgress?: ((report: RollOutReport) => void) | undefined
}

/** The progress of a roll-out. */
export interface RollOutReport {
  /** How many backends were running when the roll-out began. */
  total: number
  /** How many were restarted: they have ended, and their pages open new ones. */
  restarted: number
  /** How many were skipped because they are new enough. */
  upToDate: number
  /** The backends that could not be restarted. They are still running. */
  failed: { name: string; lock?: string | undefined; error: unknown }[]
  /** Pass it as an option to resume this roll-out. */
  before: Date
}

/** What a roll-out reads of the app's options. */
export interface RollOutSettings {
  platform: Platform
  lock: LockFunction
  clock: Clock
}

type Candidate = Pick<RunningBackend, 'name' | 'lock' | 'tag'> & { createdAt: string | undefined }

const DATE: Rule = {
  expected: 'a valid Date',
  isValid: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  typeOnly: true,
}
const DOCUMENTS: Rule = {
  expected: 'a list of document ids',
  isValid: (value) => Array.isArray(value) && value.every((id) => typeof id === 'string'),
}

/**
 * Restarts the backends that don't run `tag`, `perSecond` at a time. Each backend saves, and its pages open
 * the document again; the new backend runs what the app's `spawn` option returns then. A backend that can't
 * be restarted doesn't stop the roll-out.
 *
 * To resume an interrupted roll-out, call it again: backends that were restarted are new enough to be
 * skipped.
 *
 * @throws SessionBackendError `not_supported` if the engine can't list backends and no `documents` are given.
 */
export async function rollOut(settings: RollOutSettings, options: RollOutOptions): Promise<RollOutReport> {
  const { platform, clock } = settings
  const { tag, perSecond = 1, before = new Date(clock.now()), onProgress, signal } = options
  checkOptional('tag', tag, TEXT)
  check('perSecond', perSecond, POSITIVE)
  check('before', before, DATE)
  checkOptional('documents', options.documents, DOCUMENTS)
  const candidates = await findCandidates(settings, options)
  const outdated = candidates.filter((candidate) => isOutdated(candidate, tag, before))
  const report: RollOutReport = {
    total: candidates.length,
    restarted: 0,
    upToDate: candidates.length - outdated.length,
    failed: [],
    before,
  }

  const showProgress = () => onProgress?.({ ...report, failed: [...report.failed] })

  async function restart({ name, lock }: Candidate) {
    try {
      await endBackend(platform, name, clock, signal)
      report.restarted++
    } catch (error) {
      // How it went on is not known.
      if (signal?.aborted) return
      report.failed.push({ name, ...(lock !== undefined && { lock }), error })
    }
    showProgress()
  }

  showProgress()
  const restarts: Promise<void>[] = []
  for (const candidate of outdated) {
    // A slow end of one backend does not hold up the others.
    if (restarts.length > 0) await sleep(clock, 1000 / perSecond, signal)
    restarts.push(restart(candidate))
  }
  await Promise.all(restarts)
  return report
}

/** By the tag if the engine tells it, which no clock can be wrong about; otherwise by age. */
function isOutdated(candidate: Candidate, tag: string | undefined, before: Date): boolean {
  if (tag !== undefined && candidate.tag !== undefined) return candidate.tag !== tag
  return candidate.createdAt === undefined || Date.parse(candidate.createdAt) < before.getTime()
}

async function findCandidates(
  { platform, lock, clock }: RollOutSettings,
  { documents, signal }: RollOutOptions,
): Promise<Candidate[]> {
  const all = await listBackends(platform, { signal }).catch((error: unknown) => {
    if (documents === undefined || !isCode(error, 'not_supported')) throw error
    return undefined
  })
  if (documents === undefined) return all ?? []
  const locks = await Promise.all(
    documents.map((documentId) => lockOf({ documentId, params: {} }, lock, clock)),
  )
  if (all) return all.filter((backend) => backend.lock !== undefined && locks.includes(backend.lock))
  const found: Candidate[] = []
  for (const each of locks) {
    try {
      const { name } = await platform.fetch({ lock: each }, { signal })
      found.push({ name, lock: each, createdAt: await readCreationTime(platform, name, clock, signal) })
    } catch (error) {
      if (!isCode(error, 'not_running')) throw error
    }
  }
  return found
}

/** @throws SessionBackendError `not_supported` if the engine can't list backends. */
export async function listBackends(platform: Platform, options?: CallOptions): Promise<RunningBackend[]> {
  if (!platform.list) {
    throw new SessionBackendError(
      'not_supported',
      "This engine can't list backends. To roll out, pass `documents`.",
    )
  }
  return platform.list(options)
}

function isCode(error: unknown, code: SessionBackendError['code']): boolean {
  return error instanceof SessionBackendError && error.code === code
}

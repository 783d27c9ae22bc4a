import { type Clock, type Session, systemClock } from '@session-backend/core'
import { invalid } from './engine/checks.ts'
import type { Grant, Platform, SpawnOptions } from './platform.ts'
import type { Logger } from './reports/logger.ts'
import type { Action, Authorize } from './request/authorize.ts'
import { defaultLock, type LockFunction } from './request/lock.ts'
import type { Limits } from './sessions/limits.ts'

/** Options of {@link createSessionBackends}. */
export interface SessionBackendsOptions {
  /** Where backends run: `jamsocket({ ... })`, or another engine. */
  platform: Platform
  /** Whether a user may do something with a document. There is no default: without an answer, nobody may. */
  authorize: Authorize
  /**
   * Names the lock of a document, 1 to 128 characters. Two documents must never share one.
   * Default: `${service}/${documentId}`.
   */
  lock?: LockFunction | undefined
  /** How the backend of a document is run. It depends on the document only, never on who opens it. */
  spawn?: ((context: { documentId: string }) => SpawnOptions | Promise<SpawnOptions>) | undefined
  /**
   * The path that the routes are mounted at, for frameworks that leave it in the request's URL. Express says
   * it itself. Default `/api/sessions`.
   */
  basePath?: string | undefined
  /** Origins besides the app's own whose pages may open and terminate: `https://app.example.com`. Default: none. */
  trustedOrigins?: readonly string[] | undefined
  /** Whether `DELETE /:documentId` terminates backends. Default false. */
  terminate?: boolean | undefined
  /** Whether `GET /:documentId/logs` relays the backend's log to users whom `authorize` lets. Default false. */
  logs?: boolean | undefined
  /**
   * Whether users who follow a backend that fails to start get the last 50 lines of its log, without the
   * values of its `env` and what looks like a secret. Default false.
   */
  startupLog?: boolean | undefined
  /** Limits on spawning, answered with 429. Default: none. */
  limits?: Limits | undefined
  /** Told of each backend that was spawned. Nobody waits for it; what it throws, or rejects with, is logged. */
  onSpawn?: ((event: SpawnEvent) => void) | undefined
  /**
   * Told of each failure that is not the client's, with its cause. Nobody waits for it; what it throws, or rejects with, is
   * logged.
   */
  onError?: ((error: unknown, event: ErrorEvent) => void) | undefined
  /** Where failures are written, without their causes. Default `console`. */
  logger?: Logger | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
}

/** A backend was spawned. */
export interface SpawnEvent {
  documentId: string
  /** For whom. */
  grant: Grant
  session: Session
}

/** What was being done when an error occurred. */
export interface ErrorEvent {
  documentId?: string | undefined
  action?: Action | undefined
}

/** {@link SessionBackendsOptions}, checked and complete. */
export type Settings = {
  [Name in Exclude<keyof SessionBackendsOptions, 'onSpawn' | 'onError'>]-?: NonNullable<
    SessionBackendsOptions[Name]
  >
} & Pick<SessionBackendsOptions, 'onSpawn' | 'onError'>

/** Throws `invalid_option` and names the option. */
export function checkOptions(options: SessionBackendsOptions): Settings {
  const { platform, authorize, lock, spawn, basePath = '/api/sessions', trustedOrigins = [] } = options
  if (!platform) throw invalid('`platform` is missing: pass `jamsocket({ ... })`.')
  if (typeof authorize !== 'function') {
    throw invalid('`authorize` is missing: say who may open which document. Nobody may by default.')
  }
  for (const [name, value] of Object.entries({ lock, spawn })) {
    if (value !== undefined && typeof value !== 'function') throw invalid(`\`${name}\` is a function.`)
  }
  if (!basePath.startsWith('/')) throw invalid('`basePath` starts with a slash.')
  for (const origin of trustedOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw invalid(
        '`trustedOrigins` holds something that is not an origin such as `https://app.example.com`.',
      )
    }
  }
  return {
    platform,
    authorize,
    lock: lock ?? defaultLock(platform.service),
    spawn: spawn ?? (() => ({})),
    basePath: basePath.replace(/\/+$/, ''),
    trustedOrigins,
    terminate: options.terminate ?? false,
    logs: options.logs ?? false,
    startupLog: options.startupLog ?? false,
    limits: checkLimits(options.limits ?? {}),
    onSpawn: options.onSpawn,
    onError: options.onError,
    logger: options.logger ?? console,
    clock: options.clock ?? systemClock,
  }
}

function checkLimits(limits: Limits): Limits {
  const { spawnsPerUser, running } = limits
  const numbers = {
    running: running,
    'spawnsPerUser.max': spawnsPerUser?.max,
    'spawnsPerUser.seconds': spawnsPerUser?.seconds,
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(value > 0)) throw invalid(`\`limits.${name}\` is a number above 0.`)
  }
  if (spawnsPerUser && !Number.isInteger(spawnsPerUser.max))
    throw invalid('`limits.spawnsPerUser.max` is a whole number.')
  return limits
}

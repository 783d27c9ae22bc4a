import type { IncomingMessage } from 'node:http'
import type { Clock } from '@session-backend/core'
import { isRecord, systemClock } from '@session-backend/core/internal'
import {
  BOOLEAN,
  CLOCK,
  check,
  checkOptional,
  FUNCTION,
  LOGGER,
  OBJECT,
  ORIGIN,
  PATH,
  POSITIVE,
  POSITIVE_INTEGER,
  type Rule,
} from './common/checks.ts'
import type { DocumentContext } from './common/document.ts'
import type { Platform, SpawnOptions } from './common/platform.ts'
import { checkSecrets } from './control/secrets.ts'
import { consoleLogger } from './reports/console-logger.ts'
import type { ErrorEvent, SpawnEvent } from './reports/events.ts'
import type { Logger } from './reports/logger.ts'
import type { AuthorizeContext, Decision } from './request/authorize.ts'
import { defaultLock, type LockFunction } from './request/lock.ts'
import type { Limits } from './sessions/limits.ts'

/** Options of {@link createSessionBackends}. */
export interface SessionBackendsOptions<NodeRequest extends IncomingMessage = IncomingMessage> {
  /**
   * The engine that runs the backends: `jamsocket({ ... })` or another one, or a function that returns it.
   * Default: `jamsocket.fromEnv(process.env)`. The environment is read, and a function is called, only when
   * the engine is first needed, so a build needs no environment.
   */
  platform?: Platform | (() => Platform) | undefined
  /**
   * Decides whether a user may open, read or terminate a document. Required, because by default nobody may.
   */
  authorize(context: AuthorizeContext<NodeRequest>): Decision | Promise<Decision>
  /**
   * Names the lock of a document, in 1 to 128 characters. Two documents must never share a lock. If each
   * tenant has its own document of the same id, the lock must name the tenant too. Default:
   * `${service}/${documentId}`.
   */
  lock?: LockFunction | undefined
  /**
   * Returns how to run the backend of a document. It depends only on the document, never on the user. Default:
   * `() => ({})`, which leaves everything to the platform's defaults.
   */
  spawn?: ((context: DocumentContext) => SpawnOptions | Promise<SpawnOptions>) | undefined
  /**
   * The path at which the routes are mounted. Other paths are answered with 404. Not needed for Express and
   * Next, which know it. Use `/` if the framework removes the mount path from the URL, as Hono's `mount`
   * does. Default `/api/sessions`.
   */
  basePath?: string | undefined
  /**
   * Other origins whose pages may use the routes, including cookies: `https://app.example.com`. They get CORS
   * headers, and their preflight requests are answered. Default: none.
   */
  trustedOrigins?: readonly string[] | undefined
  /** Whether `DELETE /:documentId` terminates backends. Default false. */
  terminate?: boolean | undefined
  /**
   * Whether `GET /:documentId/logs` relays the backend's log, if `authorize` grants the action `logs`.
   * Default false.
   */
  logs?: boolean | undefined
  /**
   * Whether users who follow a failed start get the last 50 lines of the backend's log. Values of its `env`
   * and everything that looks like a secret are removed. Default false.
   */
  startupLog?: boolean | undefined
  /** Limits on spawning, answered with 429. Default: none. */
  limits?: Limits | undefined
  /**
   * The secrets from which the keys are derived that sign users on v1 and control requests. The first one
   * signs new backends; list older ones for as long as backends run that were spawned with them. One to
   * three, at least 16 characters each, the same in all processes of the app. Default: the platform's access
   * token.
   */
  secrets?: readonly string[] | undefined
  /** Called for each backend that was spawned. The answer doesn't wait for it, and its errors are logged. */
  onSpawn?: ((event: SpawnEvent) => void) | undefined
  /**
   * Called for each failure that is not the client's fault, with its cause. The answer doesn't wait for it,
   * and its errors are logged.
   */
  onError?: ((error: unknown, event: ErrorEvent) => void) | undefined
  /**
   * Gets a line for each failure: in development with the cause and the next step. Default: writes to stderr.
   */
  logger?: Logger | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
}

/** {@link SessionBackendsOptions}, checked and complete, except for what depends on the platform. */
export type CheckedOptions = {
  [Name in Exclude<keyof SessionBackendsOptions, Unset>]-?: NonNullable<SessionBackendsOptions[Name]>
} & Pick<SessionBackendsOptions, Unset>

type Unset = 'platform' | 'lock' | 'secrets' | 'onSpawn' | 'onError'

/** {@link SessionBackendsOptions}, checked and complete. */
export type Settings = CheckedOptions & { platform: Platform; lock: LockFunction }

/** Throws `invalid_option` and names the option. */
export function checkOptions(options: SessionBackendsOptions): CheckedOptions {
  const { platform, lock, spawn, basePath = '/api/sessions', trustedOrigins = [] } = options
  checkOptional('platform', platform, PLATFORM)
  check('authorize', options.authorize, AUTHORIZE)
  for (const name of ['lock', 'spawn', 'onSpawn', 'onError'] as const)
    checkOptional(name, options[name], FUNCTION)
  for (const name of ['terminate', 'logs', 'startupLog'] as const) checkOptional(name, options[name], BOOLEAN)
  check('basePath', basePath, PATH)
  check('trustedOrigins', trustedOrigins, ORIGINS)
  for (const origin of trustedOrigins) check('trustedOrigins', origin, ORIGIN)
  checkOptional('logger', options.logger, LOGGER)
  checkOptional('clock', options.clock, CLOCK)
  return {
    platform,
    authorize: options.authorize,
    lock,
    spawn: spawn ?? (() => ({})),
    basePath: basePath.replace(/\/+$/, ''),
    trustedOrigins,
    terminate: options.terminate ?? false,
    logs: options.logs ?? false,
    startupLog: options.startupLog ?? false,
    limits: checkLimits(options.limits ?? {}),
    secrets: checkSecrets(options.secrets),
    onSpawn: options.onSpawn,
    onError: options.onError,
    logger: options.logger ?? consoleLogger,
    clock: options.clock ?? systemClock,
  }
}

/** @param platform As the option gave it, or what its function returned. */
export function completeOptions(checked: CheckedOptions, platform: Platform): Settings {
  check('platform', platform, ENGINE)
  return { ...checked, platform, lock: checked.lock ?? defaultLock(platform.service) }
}

const PLATFORM: Rule = {
  expected: 'an engine such as `jamsocket({ ... })`, or a function that returns one',
  isValid: (value) => ENGINE.isValid(value) || FUNCTION.isValid(value),
}
const ENGINE: Rule = {
  expected: 'an engine such as `jamsocket({ ... })`',
  isValid: (value) => isRecord(value) && typeof value.spawn === 'function',
}
const AUTHORIZE: Rule = {
  expected: 'a function that says who may open which document (nobody may by default)',
  isValid: FUNCTION.isValid,
}
const ORIGINS: Rule = {
  expected: 'a list of origins such as `https://app.example.com`',
  isValid: Array.isArray,
}

function checkLimits(limits: Limits): Limits {
  check('limits', limits, OBJECT)
  const { spawnsPerUser, running } = limits
  checkOptional('limits.running', running, POSITIVE)
  checkOptional('limits.spawnsPerUser', spawnsPerUser, OBJECT)
  if (spawnsPerUser) {
    check('limits.spawnsPerUser.max', spawnsPerUser.max, POSITIVE_INTEGER)
    check('limits.spawnsPerUser.seconds', spawnsPerUser.seconds, POSITIVE)
  }
  return limits
}

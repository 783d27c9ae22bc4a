import type { IncomingMessage } from 'node:http'
import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import { invalid } from './common/checks.ts'
import type { DocumentContext } from './common/document.ts'
import type { Platform, SpawnOptions } from './common/platform.ts'
import { consoleLogger } from './reports/console-logger.ts'
import type { ErrorEvent, SpawnEvent } from './reports/events.ts'
import type { Logger } from './reports/logger.ts'
import type { AuthorizeContext, Decision } from './request/authorize.ts'
import { defaultLock, type LockFunction } from './request/lock.ts'
import type { Limits } from './sessions/limits.ts'

/** Options of {@link createSessionBackends}. */
export interface SessionBackendsOptions<NodeRequest extends IncomingMessage = IncomingMessage> {
  /**
   * Where backends run: `jamsocket({ ... })`, or another engine. Default: `jamsocket.fromEnv(process.env)`, which is read when
   * it is first needed, so that a build needs no environment. A function is called then, too.
   */
  platform?: Platform | (() => Platform) | undefined
  /** Whether a user may do something with a document. There is no default: without an answer, nobody may. */
  authorize(context: AuthorizeContext<NodeRequest>): Decision | Promise<Decision>
  /**
   * Names the lock of a document, 1 to 128 characters. Two documents must never share one: if the same id means another
   * document for each tenant, the lock must name the tenant too. Default: `${service}/${documentId}`.
   */
  lock?: LockFunction | undefined
  /** How the backend of a document is run. It depends on the document only, never on who opens it. */
  spawn?: ((context: DocumentContext) => SpawnOptions | Promise<SpawnOptions>) | undefined
  /**
   * The path that the routes are mounted at; other paths are answered with 404. Express and Next say it themselves. `/` if
   * something else has cut the mount off, as Hono's `mount` does. Default `/api/sessions`.
   */
  basePath?: string | undefined
  /**
   * Origins other than the app's own whose pages may use the routes, cookies included: `https://app.example.com`. Their
   * preflights are answered, and answers carry CORS headers for them. Default: none.
   */
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
  /** Where failures are written: in development with the cause and the next step. Default: a line each on stderr. */
  logger?: Logger | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
}

/** {@link SessionBackendsOptions}, checked and complete, but for what depends on the platform. */
export type CheckedOptions = {
  [Name in Exclude<keyof SessionBackendsOptions, Unset>]-?: NonNullable<SessionBackendsOptions[Name]>
} & Pick<SessionBackendsOptions, Unset>

type Unset = 'platform' | 'lock' | 'onSpawn' | 'onError'

/** {@link SessionBackendsOptions}, checked and complete. */
export type Settings = CheckedOptions & { platform: Platform; lock: LockFunction }

/** Throws `invalid_option` and names the option. */
export function checkOptions(options: SessionBackendsOptions): CheckedOptions {
  const { platform, authorize, lock, spawn, basePath = '/api/sessions', trustedOrigins = [] } = options
  if (platform === null) throw invalid('`platform` must be an engine such as `jamsocket({ ... })`, got null.')
  if (typeof authorize !== 'function') {
    throw invalid('`authorize` is missing: say who may open which document. Nobody may by default.')
  }
  for (const [name, value] of Object.entries({ lock, spawn })) {
    if (value !== undefined && typeof value !== 'function')
      throw invalid(`\`${name}\` must be a function, got ${typeof value}.`)
  }
  if (!basePath.startsWith('/')) throw invalid(`\`basePath\` must start with a slash, got \`${basePath}\`.`)
  for (const origin of trustedOrigins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw invalid(
        `\`trustedOrigins\` must hold origins such as \`https://app.example.com\`, got \`${origin}\`.`,
      )
    }
  }
  return {
    platform,
    authorize,
    lock,
    spawn: spawn ?? (() => ({})),
    basePath: basePath.replace(/\/+$/, ''),
    trustedOrigins,
    terminate: options.terminate ?? false,
    logs: options.logs ?? false,
    startupLog: options.startupLog ?? false,
    limits: checkLimits(options.limits ?? {}),
    onSpawn: options.onSpawn,
    onError: options.onError,
    logger: options.logger ?? consoleLogger,
    clock: options.clock ?? systemClock,
  }
}

export function completeOptions(checked: CheckedOptions, platform: Platform): Settings {
  return { ...checked, platform, lock: checked.lock ?? defaultLock(platform.service) }
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

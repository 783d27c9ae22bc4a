import { existsSync } from 'node:fs'
import { SessionBackendError } from '@session-backend/core'
import { parseTraceparent, TRACEPARENT_VARIABLE } from '@session-backend/core/internal'
import { takeControlKey } from '../control/identity.ts'
import { joinWarmPool } from './warm-pool.ts'

/** Where the hosted platform puts a warm pool's socket. PROTOCOL.md: "Warm pools". */
const OFFICIAL_SOCKET = '/jamsocket-control/jamsocket-sdk.sock'

/** The variables of a process, or of an assignment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the platform assigned to this backend. PROTOCOL.md: "The backend". */
export interface BackendAssignment {
  /** The port to listen on, on all interfaces. */
  readonly port: number
  /** The backend's name; `undefined` without a platform. */
  readonly id: string | undefined
  /** The backend's lock; `undefined` if it was spawned without one. */
  readonly key: string | undefined
  /** An integer that is higher each time the lock is assigned; `undefined` without a lock. */
  readonly fencingToken: number | undefined
  /**
   * The environment variables, including those of the document, without the control key. PROTOCOL.md: "The
   * key".
   */
  readonly env: Environment
  /**
   * The W3C `traceparent` of the request that spawned this backend, from the variable `TRACEPARENT`;
   * `undefined` without one. PROTOCOL.md: "Traces".
   */
  readonly traceparent: string | undefined
  /** Whether the process waited in a warm pool for its document. */
  readonly warm: boolean
  /**
   * Call it when the server listens. It tells a warm pool that requests may come; otherwise it does nothing.
   */
  ready(): void
}

/** Options of {@link backendAssignment}. */
export interface BackendAssignmentOptions {
  /** Default: the environment of the process. */
  env?: Environment | undefined
  /** Gives up waiting in a warm pool. */
  signal?: AbortSignal | undefined
}

/**
 * Resolves to the assignment of this backend: at once from the environment, or when the warm pool that the
 * process waits in has a document for it. First do everything that doesn't depend on the document, then call
 * this once. Call `assignment.ready()` when the server listens.
 *
 * @throws `invalid_option` if `PORT` or the fencing token isn't a number, or the control key isn't valid;
 * `platform_error` if the warm pool closes the connection.
 */
export function backendAssignment(options: BackendAssignmentOptions = {}): Promise<BackendAssignment> {
  return awaitAssignment(options)
}

/** As {@link backendAssignment}. `rehearse` is called before the process says that it is warm, if it waits in a pool. */
export async function awaitAssignment(
  { env = process.env, signal }: BackendAssignmentOptions,
  rehearse?: () => Promise<void>,
): Promise<BackendAssignment> {
  const port = readNumber(env, 'PORT', 65_535) ?? 8080
  const socket = env.SESSION_BACKEND_SOCKET || OFFICIAL_SOCKET
  // A socket that the environment names must exist. The official one exists only in a warm pool.
  if (env.SESSION_BACKEND_SOCKET || existsSync(socket)) {
    await rehearse?.()
    const { assigned, ready } = await joinWarmPool(socket, signal)
    const variables = takeControlKey(assigned.id, { ...env, ...assigned.env })
    return { ...assigned, port, env: variables, traceparent: traceparentOf(variables), warm: true, ready }
  }
  const id = env.SESSION_BACKEND_ID || undefined
  return {
    port,
    id,
    key: env.SESSION_BACKEND_KEY || undefined,
    fencingToken: readNumber(env, 'SESSION_BACKEND_FENCING_TOKEN', Number.MAX_SAFE_INTEGER),
    env: takeControlKey(id, env),
    traceparent: traceparentOf(env),
    warm: false,
    ready: () => {},
  }
}

/** A value that isn't a `traceparent` must not keep a document from opening. */
function traceparentOf(env: Environment): string | undefined {
  return parseTraceparent(env[TRACEPARENT_VARIABLE])
}

function readNumber(env: Environment, name: string, max: number): number | undefined {
  const text = env[name]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= max) return value
  throw new SessionBackendError(
    'invalid_option',
    `The environment variable ${name} must be an integer from 0 to ${max}, got "${text}".`,
  )
}

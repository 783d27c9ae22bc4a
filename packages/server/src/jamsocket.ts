import {
  type BackendState,
  type Clock,
  type ErrorCode,
  isRecord,
  isTerminal,
  parseBackendAnswer,
  parseState,
  type Session,
  SessionBackendError,
  systemClock,
} from '@session-backend/core'
import { createHttpClient } from './http-client.ts'
import { checkLock, invalid, parseApiUrl, pathPart, toSpawnBody } from './jamsocket-options.ts'
import { followLog } from './log-stream.ts'
import type { CallOptions, Platform, SpawnOptions } from './platform.ts'
import { followStates } from './state-stream.ts'

/** Options of {@link jamsocket}. */
export interface JamsocketOptions {
  /** The account's name. */
  account: string
  /** The service that backends are spawned from. */
  service: string
  /** An access token. It is sent to `apiUrl` and nowhere else. */
  token: string
  /** The API's base URL, with or without `/v1`. Default `https://api.jamsocket.com`. */
  apiUrl?: string | undefined
  /** The deadline of one call in ms, repetitions included; streams have none. Default 10,000. */
  timeout?: number | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
}

/** A call of {@link Jamsocket.spawn}. Without a lock, each call spawns another backend. */
export interface JamsocketSpawn extends SpawnOptions {
  /** 1 to 128 characters. One account's services share their locks. */
  lock?: string | undefined
}

/** The HTTP API of the platform, one method per endpoint. Its sections are named in the specification's words. */
export interface Jamsocket extends Platform {
  /** "Spawn a backend". Tried again after a failure only if it has a lock. */
  spawn(request?: JamsocketSpawn, options?: CallOptions): Promise<Session>
  /** "Get a backend's current status". */
  status(name: string, options?: CallOptions): Promise<BackendState>
  /** "Backend ready page": the URL of a page that shows a loading screen, then redirects to the backend. */
  readyUrl(name: string): string
  /** "Check authentication credentials": throws `platform_misconfigured` where the token is not valid. */
  checkAuth(options?: CallOptions): Promise<void>
  /** "Create service". */
  createService(name: string, options?: CallOptions): Promise<void>
  /** "Get a list of services". */
  services(options?: CallOptions): Promise<string[]>
}

const DEFAULT_API_URL = 'https://api.jamsocket.com'
const DEFAULT_TIMEOUT = 10_000

/**
 * A client of the platform's HTTP API, over keep-alive connections that are opened when they are needed.
 *
 * Calls are tried at most three times where a repetition does no harm. What the platform says about a failure
 * (status, code, message, id) is the error's `cause`, a {@link PlatformAnswer}; the error's own message
 * never repeats it.
 *
 * @throws SessionBackendError `invalid_option` where an option is missing or wrong; from its methods, what
 * {@link Platform} says.
 */
export function jamsocket(options: JamsocketOptions): Jamsocket {
  const { clock = systemClock, timeout = DEFAULT_TIMEOUT } = options
  const account = pathPart(options.account, 'account')
  const service = pathPart(options.service, 'service')
  const { token } = options
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw invalid('`token` is missing, or holds a space or a character that no header can carry.')
  }
  if (!(timeout > 0 && timeout <= 2 ** 31 - 1)) throw invalid('`timeout` is a number of ms above 0.')
  const { origin, prefix } = parseApiUrl(options.apiUrl ?? DEFAULT_API_URL)
  const http = createHttpClient({ origin, token, timeout, clock })

  const userPath = `${prefix}/user/${encodeURIComponent(account)}`
  const servicePath = `${userPath}/service/${encodeURIComponent(service)}`
  const backendPath = (name: string) => `${prefix}/backend/${encodeURIComponent(pathPart(name, 'name'))}`

  async function status(name: string, call?: CallOptions): Promise<BackendState> {
    const path = `${backendPath(name)}/status`
    const state = parseState(await http.call({ method: 'GET', path, repeatable: true }, call))
    if (state) return state
    throw new SessionBackendError('platform_error', 'The platform sent something that is not a status.')
  }

  return {
    id: `jamsocket ${origin}${servicePath}`,
    service,
    sharesSessions: true,

    async spawn(request = {}, call) {
      const body = toSpawnBody(request)
      const repeatable = request.lock !== undefined
      const path = `${servicePath}/spawn`
      return parseBackendAnswer(
        await http
          .call({ method: 'POST', path, body, repeatable }, call)
          .catch(rename('platform_misconfigured', 'The platform knows no such account or service.')),
      )
    },

    async fetch({ lock }, call) {
      const body = { lock: checkLock(lock) }
      const path = `${servicePath}/fetch`
      return parseBackendAnswer(
        await http
          .call({ method: 'POST', path, body, repeatable: true }, call)
          .catch(rename('not_running', 'No backend holds this lock.')),
      )
    },

    status,

    statusStream(name, { signal } = {}) {
      return followStates(`${origin}${backendPath(name)}/status/stream`, {
        signal,
        fetch: http.stream,
        clock,
      })
    },

    logs(name, { signal } = {}) {
      return followLog({
        url: `${origin}${backendPath(name)}/logs`,
        headers: { authorization: `Bearer ${token}` },
        hasEnded: async () => isTerminal((await status(name, { signal })).state),
        fetch: http.stream,
        signal,
        clock,
      })
    },

    async terminate(name, call) {
      await http
        .call({ method: 'POST', path: `${backendPath(name)}/terminate`, repeatable: true }, call)
        .catch(rename('not_running', 'The backend has ended already.'))
    },

    readyUrl: (name) => `${origin}${backendPath(name)}/ready`,

    async checkAuth(call) {
      await http.call({ method: 'GET', path: `${prefix}/auth`, repeatable: true }, call)
    },

    async createService(name, call) {
      const body = { name: pathPart(name, 'name') }
      await http.call({ method: 'POST', path: `${userPath}/service`, body, repeatable: false }, call)
    },

    async services(call) {
      const answer = await http.call({ method: 'GET', path: `${userPath}/services`, repeatable: true }, call)
      const services = isRecord(answer) ? answer.services : undefined
      if (Array.isArray(services) && services.every((name) => typeof name === 'string')) return services
      throw new SessionBackendError(
        'platform_error',
        'The platform sent something that is not a list of services.',
      )
    },

    close: () => http.close(),
  }
}

/**
 * A client configured by JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN and, where it is set,
 * JAMSOCKET_API_URL. With JAMSOCKET_DEV=true it talks to a mock platform on this machine instead, at
 * JAMSOCKET_DEV_PORT (default 8080).
 *
 * @throws SessionBackendError `invalid_option`, naming the variable that is missing.
 */
jamsocket.fromEnv = (
  env: Record<string, string | undefined>,
  options: Pick<JamsocketOptions, 'timeout' | 'clock'> = {},
): Jamsocket => {
  const read = (name: string) => {
    const value = env[name]
    if (value) return value
    throw invalid(`The environment variable ${name} is not set.`)
  }
  return jamsocket({
    ...options,
    account: read('JAMSOCKET_ACCOUNT'),
    service: read('JAMSOCKET_SERVICE'),
    token: read('JAMSOCKET_TOKEN'),
    apiUrl:
      env.JAMSOCKET_DEV === 'true'
        ? `http://127.0.0.1:${env.JAMSOCKET_DEV_PORT || 8080}`
        : env.JAMSOCKET_API_URL || undefined,
  })
}

/** A 404 means something else to each endpoint. */
function rename(code: ErrorCode, message: string) {
  return (error: unknown): never => {
    if (!(error instanceof SessionBackendError) || error.code !== 'not_found') throw error
    throw new SessionBackendError(code, message, { cause: error.cause, id: error.id })
  }
}

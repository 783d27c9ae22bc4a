import { type BackendState, type ErrorCode, isTerminal, SessionBackendError } from '@session-backend/core'
import { isRecord, parseAnyState } from '@session-backend/core/internal'
import { pathPart } from '../common/checks.ts'
import type { CallOptions } from '../common/platform.ts'
import { advise } from '../engine/advice.ts'
import { createKeyDerivation } from '../engine/derive-key.ts'
import type { HttpClient } from '../engine/http-client.ts'
import { followStates } from '../engine/state-stream.ts'
import type { Jamsocket } from './client.ts'
import { parseRunningBackends } from './list.ts'
import { followLog } from './log-stream.ts'
import type { JamsocketSettings } from './options.ts'

/** The paths, in one version of the API, of the endpoints that both versions have. Below the API's origin. */
export interface EndpointPaths {
  /** The path of one backend. Its name is encoded. */
  backend(name: string): string
  /** Below the backend. */
  logs: string
  services: string
  createService: string
}

/** The endpoints that both versions of the API have. */
export type CommonEndpoints = Omit<Jamsocket, 'id' | 'sharesSessions' | 'spawn' | 'fetch' | 'terminate'>

export function commonEndpoints(
  { origin, prefix, account, service, token, clock }: JamsocketSettings,
  http: HttpClient,
  paths: EndpointPaths,
): CommonEndpoints {
  const pathOf = (name: string) => backendPath(paths, name)

  async function status(name: string, call?: CallOptions): Promise<BackendState> {
    const state = parseAnyState(
      await http.call({ method: 'GET', path: `${pathOf(name)}/status`, repeatable: true }, call),
    )
    if (state) return state
    throw new SessionBackendError(
      'platform_error',
      'The platform must send a status, but sent something else.',
    )
  }

  return {
    service,
    status,
    deriveKey: createKeyDerivation(token, service),

    statusStream(name, call = {}) {
      const url = `${origin}${pathOf(name)}/status/stream`
      return http.untilClosed(call.signal, (signal) =>
        followStates(url, { signal, fetch: http.stream, clock }),
      )
    },

    logs(name, call = {}) {
      const url = `${origin}${pathOf(name)}/${paths.logs}`
      return http.untilClosed(call.signal, (signal) =>
        followLog({
          url,
          headers: { authorization: `Bearer ${token}` },
          hasEnded: async () => isTerminal((await status(name, { signal })).state),
          fetch: http.stream,
          signal,
          clock,
        }),
      )
    },

    // Both versions have one ready page.
    readyUrl: (name) => `${origin}${prefix}/backend/${encodeURIComponent(pathPart(name, 'name'))}/ready`,

    async checkAuth(call) {
      await http.call({ method: 'GET', path: `${prefix}/auth`, repeatable: true }, call)
    },

    async createService(name, call) {
      const body = { name: pathPart(name, 'name') }
      await http.call({ method: 'POST', path: paths.createService, body, repeatable: false }, call)
    },

    async services(call) {
      const answer = await http.call({ method: 'GET', path: paths.services, repeatable: true }, call)
      const services = isRecord(answer) ? answer.services : undefined
      if (Array.isArray(services) && services.every((name) => typeof name === 'string')) return services
      throw new SessionBackendError(
        'platform_error',
        'The platform must send a list of services, but sent something else.',
      )
    },

    // Only v2 has a list. The mock platform's has v1's backends too.
    async list(call) {
      const base = prefix.replace(/\/v1$/, '')
      const path = `${base}/v2/account/${encodeURIComponent(account)}/backends`
      const answer = await http
        .call({ method: 'GET', path, repeatable: true }, call)
        .catch(rename('not_supported', "This platform can't list backends."))
      return parseRunningBackends(answer, service)
    },

    close: () => http.close(),
  }
}

export function backendPath(paths: EndpointPaths, name: string): string {
  return paths.backend(encodeURIComponent(pathPart(name, 'name')))
}

/** A 404, or the given status, means something else for each endpoint. */
export function rename(code: ErrorCode, message: string, also?: number) {
  return (error: unknown): never => {
    if (!(error instanceof SessionBackendError)) throw error
    const { cause } = error
    const isMeant =
      error.code === 'not_found' || (also !== undefined && isRecord(cause) && cause.status === also)
    throw isMeant ? new SessionBackendError(code, message, { cause, id: error.id }) : error
  }
}

/** A 404 of a spawn. */
export function noSuchService({ origin, account, service }: JamsocketSettings) {
  const message = 'The platform has no such account or service.'
  const advice = `The platform at ${origin} has no service \`${service}\` in the account \`${account}\` (404): check \`service\`, or create it.`
  return (error: unknown): never => {
    try {
      return rename('platform_misconfigured', message)(error)
    } catch (renamed) {
      const isMeant = renamed instanceof SessionBackendError && renamed !== error
      throw isMeant ? advise(renamed, advice) : renamed
    }
  }
}

import type { Session } from '@session-backend/core'
import { type ConnectRequest, parseConnectAnswer } from '@session-backend/core/internal'
import { checkLock } from '../common/checks.ts'
import { createHttpClient } from '../engine/http-client.ts'
import { toSpawnBody } from '../engine/spawn-request.ts'
import { toVerified } from '../engine/verified-user.ts'
import type { Jamsocket } from './client.ts'
import { backendPath, commonEndpoints, type EndpointPaths, noSuchService, rename } from './endpoints.ts'
import type { JamsocketSettings } from './options.ts'

/** v2's status if nobody holds the key, or the backend has ended. */
const CONFLICT = 409

/**
 * v2 of the API: each user has a connection token, with which the platform tells the backend who they are.
 */
export function jamsocketV2(settings: JamsocketSettings): Jamsocket {
  const { origin, prefix, account, service } = settings
  const http = createHttpClient(settings)
  const v2 = `${prefix}/v2`
  const accountPath = `${v2}/account/${encodeURIComponent(account)}`
  const servicePath = `${v2}/service/${encodeURIComponent(account)}/${encodeURIComponent(service)}`
  const connectPath = `${servicePath}/connect`
  const paths: EndpointPaths = {
    backend: (name) => `${v2}/backend/${name}`,
    logs: 'logs/stream',
    services: `${accountPath}/services`,
    createService: `${accountPath}/service`,
  }

  /**
   * Browsers follow the status at v1 of the API, even if the server uses v2, so that all pages read the same
   * statuses.
   */
  function toSession(answer: unknown): Session {
    const session = parseConnectAnswer(answer)
    return { ...session, statusUrl: session.statusUrl.replace(/\/v2(?=\/backend\/)/, '') }
  }

  return {
    ...commonEndpoints(settings, http, paths),
    id: `jamsocket ${origin}${servicePath}`,
    sharesSessions: false,

    async spawn({ grant, trace: headers, ...request } = {}, call) {
      const { lock, tag, grace_period_seconds, env } = toSpawnBody(request)
      const body: ConnectRequest = {
        ...(lock !== undefined && { key: lock }),
        spawn: {
          ...(tag !== undefined && { tag }),
          ...(grace_period_seconds !== undefined && { max_idle_seconds: grace_period_seconds }),
          ...(env !== undefined && { executable: { env } }),
        },
        ...toVerified(grant),
      }
      const repeatable = lock !== undefined
      return toSession(
        await http
          .call({ method: 'POST', path: connectPath, body, headers, repeatable }, call)
          .catch(noSuchService(settings)),
      )
    },

    async fetch({ lock, grant }, call) {
      const body: ConnectRequest = { key: checkLock(lock), spawn: false, ...toVerified(grant) }
      return toSession(
        await http
          .call({ method: 'POST', path: connectPath, body, repeatable: true }, call)
          .catch(rename('not_running', 'No backend holds this lock.', CONFLICT)),
      )
    },

    async terminate(name, call) {
      const path = `${backendPath(paths, name)}/terminate`
      await http
        .call({ method: 'POST', path, body: { hard: false }, repeatable: true }, call)
        .catch(rename('not_running', 'The backend has ended already.', CONFLICT))
    },
  }
}

import { parseBackendAnswer } from '@session-backend/core/internal'
import { checkLock } from '../common/checks.ts'
import { createHttpClient } from '../engine/http-client.ts'
import { toSpawnBody } from '../engine/spawn-request.ts'
import type { Jamsocket } from './client.ts'
import { backendPath, commonEndpoints, type EndpointPaths, noSuchService, rename } from './endpoints.ts'
import type { JamsocketSettings } from './options.ts'

/** v1 of the API, the specification's: all users of a backend share its URL. */
export function jamsocketV1(settings: JamsocketSettings): Jamsocket {
  const { origin, prefix, account, service } = settings
  const http = createHttpClient(settings)
  const userPath = `${prefix}/user/${encodeURIComponent(account)}`
  const servicePath = `${userPath}/service/${encodeURIComponent(service)}`
  const paths: EndpointPaths = {
    backend: (name) => `${prefix}/backend/${name}`,
    logs: 'logs',
    services: `${userPath}/services`,
    createService: `${userPath}/service`,
  }

  return {
    ...commonEndpoints(settings, http, paths),
    id: `jamsocket ${origin}${servicePath}`,
    sharesSessions: true,

    async spawn({ trace: headers, ...request } = {}, call) {
      const body = toSpawnBody(request)
      const repeatable = request.lock !== undefined
      const path = `${servicePath}/spawn`
      return parseBackendAnswer(
        await http
          .call({ method: 'POST', path, body, headers, repeatable }, call)
          .catch(noSuchService(settings)),
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

    async terminate(name, call) {
      const path = `${backendPath(paths, name)}/terminate`
      await http
        .call({ method: 'POST', path, repeatable: true }, call)
        .catch(rename('not_running', 'The backend has ended already.'))
    },
  }
}

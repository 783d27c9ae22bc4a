import { SessionBackendError } from '@session-backend/core'
import { sendReadyPage } from '../../pages/ready-page.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRoute } from '../router.ts'
import { logStream, statusStream } from '../streams.ts'
import { statusesOf } from './statuses.ts'

/** Specification: "Backends", the endpoints of one backend. */
export function backendRoutes(context: ApiContext): ApiRoute[] {
  const { backends, urls } = context

  return [
    {
      endpoint: 'status',
      method: 'GET',
      path: '/backend/:name/status',
      auth: false,
      cors: true,
      handle({ params }) {
        const current = statusesOf(backends.existing(params.name)).last
        return { state: current?.state, time: current?.time }
      },
    },
    statusStream(context, { endpoint: 'status/stream', path: '/backend/:name/status/stream' }, statusesOf),
    logStream(context, { endpoint: 'logs', path: '/backend/:name/logs' }),
    {
      endpoint: 'terminate',
      method: 'POST',
      path: '/backend/:name/terminate',
      auth: true,
      cors: false,
      handle({ params }) {
        backends.existing(params.name).send({ type: 'terminate' })
        return { status: 'ok' }
      },
    },
    {
      endpoint: 'ready',
      method: 'GET',
      path: '/backend/:name/ready',
      auth: false,
      cors: false,
      handle({ params, response }) {
        const backend = backends.existing(params.name)
        // The shared URL would let a user of v2 connect without the token that names them.
        if (backend.options.perUser) {
          throw new SessionBackendError('not_found', 'Open the ready_url that connect answered with.')
        }
        sendReadyPage(response, { name: backend.name, url: urls.connection(backend) })
      },
    },
    {
      endpoint: 'ready',
      method: 'GET',
      path: '/ready/:name/:token',
      auth: false,
      cors: false,
      handle({ params, response }) {
        const { name = '', token = '' } = params
        const backend = backends.findByToken(name, token)
        if (!backend) throw new SessionBackendError('not_found', 'There is no such backend.')
        // The page redirects to the URL of the secret in its path, which may be one user's.
        sendReadyPage(response, { name, url: urls.connection({ name, token }) })
      },
    },
  ]
}

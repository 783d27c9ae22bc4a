import { SessionBackendError } from '@session-backend/core'
import type { Backend } from '../../backends/backend.ts'
import { sendReadyPage } from '../../pages/ready-page.ts'
import { isOnThisMachine } from '../auth.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRoute, Params } from '../router.ts'
import { logStream, statusStream } from '../streams.ts'
import { statusesOf } from './statuses.ts'

/** How many lines of its log the page of a backend that failed shows. */
const LOG_END = 20

/** Specification: "Backends", the endpoints of one backend. */
export function backendRoutes(context: ApiContext): ApiRoute[] {
  const { backends, urls } = context

  /** The backend that a secret in a path belongs to. */
  function existing({ name = '', token = '' }: Params): Backend {
    const backend = backends.findByToken(name, token)
    if (!backend) throw new SessionBackendError('not_found', 'There is no such backend.')
    return backend
  }

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
        existing(params)
        // The page redirects to the URL of the secret in its path, which may be one user's.
        sendReadyPage(response, { name, url: urls.connection({ name, token }), showsLog: true })
      },
    },
    {
      endpoint: 'ready/log',
      method: 'GET',
      path: '/ready/:name/:token/log',
      auth: false,
      cors: false,
      handle({ params, request }) {
        const backend = existing(params)
        // A log may hold secrets: its end is for the person who runs the platform, and not for every user of the app.
        const isLocal = isOnThisMachine(request)
        return {
          lines: isLocal ? backend.log.lines.values.slice(-LOG_END) : [],
          retry: isLocal && backends.retries.has(backend.name),
        }
      },
    },
    {
      endpoint: 'ready/retry',
      method: 'POST',
      path: '/ready/:name/:token/retry',
      auth: false,
      cors: false,
      handle({ params, request }) {
        const failed = existing(params)
        // Elsewhere, the app decides again whether the user may open the document.
        if (!isOnThisMachine(request)) {
          throw new SessionBackendError('forbidden', 'Open the document again in the app.')
        }
        const backend = backends.retries.spawn(failed.name)
        if (!backend) {
          throw new SessionBackendError(
            'not_found',
            'This backend can\u2019t be started again: it has not failed, or too many have since. Open the document again in the app.',
          )
        }
        const user = failed.userTokens.find(params.token ?? '')?.user
        const { token } = user ? backend.userTokens.create(user) : backend
        return { ready_url: urls.ready({ name: backend.name, token }) }
      },
    },
  ]
}

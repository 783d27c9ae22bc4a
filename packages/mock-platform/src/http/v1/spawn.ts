import { SessionBackendError } from '@session-backend/core'
import { toBackendAnswer } from '@session-backend/core/internal'
import * as v from 'valibot'
import type { Backend } from '../../backends/backend.ts'
import { readBody } from '../body.ts'
import { type ApiContext, serviceOf } from '../context.ts'
import { openingOf } from '../opening.ts'
import type { ApiRoute } from '../router.ts'
import { Lock, object, Seconds, Variables } from '../rules.ts'

/** The body of a spawn request. */
export const Spawn = v.pipe(
  object({
    tag: v.nullish(v.string()),
    grace_period_seconds: v.nullish(Seconds),
    lock: v.nullish(Lock),
    env: v.nullish(Variables),
    use_static_token: v.nullish(v.boolean()),
  }),
  v.transform(({ tag, grace_period_seconds, lock, env, use_static_token }) => ({
    ...(tag != null && { tag }),
    ...(grace_period_seconds != null && { grace_period_seconds }),
    ...(lock != null && { lock }),
    ...(env != null && { env }),
    ...(use_static_token != null && { use_static_token }),
  })),
)

/** The body of a request for the backend that holds a lock. */
const Fetch = object({ lock: Lock })

/** Specification: "Spawn a backend", "Fetch a backend holding a given lock". */
export function spawnRoutes(context: ApiContext): ApiRoute[] {
  const { backends, urls } = context

  function answer(backend: Backend, spawned: boolean) {
    const { name, status } = backend
    return toBackendAnswer({
      name,
      url: urls.connection(backend),
      readyUrl: urls.ready(backend),
      statusUrl: urls.status(backend),
      status,
      spawned,
    })
  }

  return [
    {
      endpoint: 'spawn',
      method: 'POST',
      path: '/user/:account/service/:service/spawn',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        const service = serviceOf(context, params)
        const body = await readBody(request, Spawn)
        const opening = openingOf(request, body.env)
        const { backend, spawned } = await backends.open(service, body, { opening })
        return answer(backend, spawned)
      },
    },
    {
      endpoint: 'fetch',
      method: 'POST',
      path: '/user/:account/service/:service/fetch',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        serviceOf(context, params)
        const { lock } = await readBody(request, Fetch)
        const backend = backends.holder(lock)
        if (!backend) throw new SessionBackendError('not_running', 'No backend holds this lock.')
        return answer(backend, false)
      },
    },
  ]
}

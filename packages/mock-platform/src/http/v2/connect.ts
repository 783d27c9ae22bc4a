import { SessionBackendError } from '@session-backend/core'
import type { ConnectAnswer, SpawnRequest } from '@session-backend/core/internal'
import * as v from 'valibot'
import type { Backend } from '../../backends/backend.ts'
import type { UserRoute } from '../../backends/user-tokens.ts'
import { readBody } from '../body.ts'
import { type ApiContext, serviceOf } from '../context.ts'
import { openingOf } from '../opening.ts'
import type { ApiRoute } from '../router.ts'
import { Auth, Lock, object, Seconds, User, Variables } from '../rules.ts'
import { statesOf } from './states.ts'

/** The body of a request to connect. */
const ConnectBody = object({
  key: v.nullish(Lock),
  spawn: v.nullish(
    v.union([
      v.boolean(),
      object({
        tag: v.nullish(v.string()),
        cluster: v.nullish(v.string()),
        lifetime_limit_seconds: v.nullish(Seconds),
        max_idle_seconds: v.nullish(Seconds),
        executable: v.nullish(object({ env: v.nullish(Variables) })),
        use_static_token: v.nullish(v.boolean()),
      }),
    ]),
  ),
  user: v.nullish(User),
  auth: v.nullish(Auth),
})

type ConnectRequest = v.InferOutput<typeof ConnectBody>

/** v2's one way to a backend: to the one that holds the key, or to a new one. */
export function connectRoute(context: ApiContext): ApiRoute {
  const { backends, urls } = context

  function answer(backend: Backend, { token, secretToken }: UserRoute, spawned: boolean): ConnectAnswer {
    const { name } = backend
    return {
      backend_id: name,
      spawned,
      status: statesOf(backend).last?.status ?? 'scheduled',
      token,
      url: urls.connection({ name, token }),
      secret_token: secretToken,
      status_url: urls.statusV2(backend),
      ready_url: urls.ready({ name, token }),
    }
  }

  /** Finds the backend that holds the key, if connect may not start one. */
  function findHolder(service: string, key: string | null | undefined) {
    if (key == null)
      throw new SessionBackendError(
        'bad_request',
        'Send a `key`, or let connect spawn a backend: `spawn` is false.',
      )
    const backend = backends.keyHolder(service, key)
    if (!backend) throw new SessionBackendError('not_running', 'No backend holds this key.')
    return { backend, spawned: false }
  }

  return {
    endpoint: 'v2/connect',
    method: 'POST',
    path: '/v2/service/:account/:service/connect',
    auth: true,
    cors: false,
    async handle({ request, params }) {
      const service = serviceOf(context, params)
      const { key, spawn, user, auth } = await readBody(request, ConnectBody)
      const spawnRequest = toSpawnRequest(key, spawn)
      const { backend, spawned } =
        spawn === false
          ? findHolder(service, key)
          : await backends.open(service, spawnRequest, {
              ownKey: true,
              lifetimeSeconds: lifetimeOf(spawn),
              opening: openingOf(request, spawnRequest.env),
            })
      const userToken = backend.userTokens.create({ user: user ?? undefined, auth: auth ?? undefined })
      return answer(backend, userToken, spawned)
    },
  }
}

/** Translates a v2 request to v1's words. */
function toSpawnRequest(key: ConnectRequest['key'], spawn: ConnectRequest['spawn']): SpawnRequest {
  const { tag, max_idle_seconds, executable, use_static_token } =
    typeof spawn === 'object' && spawn !== null ? spawn : {}
  return {
    ...(key != null && { lock: key }),
    ...(tag != null && { tag }),
    ...(max_idle_seconds != null && { grace_period_seconds: max_idle_seconds }),
    ...(executable?.env != null && { env: executable.env }),
    ...(use_static_token != null && { use_static_token }),
  }
}

function lifetimeOf(spawn: ConnectRequest['spawn']): number | undefined {
  return (typeof spawn === 'object' ? spawn?.lifetime_limit_seconds : undefined) ?? undefined
}

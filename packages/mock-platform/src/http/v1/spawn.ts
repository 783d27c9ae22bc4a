import { SessionBackendError } from '@session-backend/core'
import { isLock, isRecord, MAX_LOCK_LENGTH, toBackendAnswer } from '@session-backend/core/internal'
import * as v from 'valibot'
import type { Backend } from '../../backends/backend.ts'
import type { Backends } from '../../backends/backends.ts'
import type { Services } from '../../runtime/services.ts'
import { checkAccount } from '../auth.ts'
import { readBody } from '../body.ts'
import type { Route } from '../router.ts'

/** 1 to 128 characters; an emoji is one. */
export const Lock = v.pipe(
  v.string(),
  v.check(
    (lock) => isLock(lock),
    `Send 1 to ${MAX_LOCK_LENGTH} characters, without NUL and without half a surrogate pair`,
  ),
)
/** What a shell and every operating system take for the name of a variable. */
const VariableName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'A variable has a name of A-Z, a-z, 0-9 and _, which does not begin with a digit',
  ),
)
const VariableValue = v.pipe(
  v.string(),
  v.check((value) => !value.includes('\0'), 'A variable takes no NUL'),
)

/** The variables that a spawn request adds. */
export const Environment = v.pipe(v.custom(isRecord, 'Send an object'), v.record(VariableName, VariableValue))

/** The body of a spawn request. */
export const Spawn = v.pipe(
  v.object({
    tag: v.nullish(v.string()),
    grace_period_seconds: v.nullish(v.pipe(v.number(), v.finite(), v.minValue(0))),
    lock: v.nullish(Lock),
    env: v.nullish(Environment),
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

const Fetch = v.object({ lock: Lock })

/** What spawn and fetch need. */
export interface SpawnOptions {
  account: string
  services: Services
  backends: Backends
  /** Where the parts of an answer lead. */
  urls: {
    connection(backend: Backend): string
    ready(backend: Backend): string
    status(backend: Backend): string
  }
}

/** Specification: "Spawn a backend", "Fetch a backend holding a given lock". */
export function spawnRoutes({ account, services, backends, urls }: SpawnOptions): Route[] {
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

  function serviceOf(params: Readonly<Record<string, string>>): string {
    checkAccount(params, account)
    const { service = '' } = params
    if (!services.has(service)) throw new SessionBackendError('not_found', 'There is no such service.')
    return service
  }

  return [
    {
      endpoint: 'spawn',
      method: 'POST',
      path: '/user/:account/service/:service/spawn',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        const service = serviceOf(params)
        const { backend, spawned } = backends.spawn(service, await readBody(request, Spawn))
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
        serviceOf(params)
        const { lock } = await readBody(request, Fetch)
        const backend = backends.holder(lock)
        if (!backend) throw new SessionBackendError('not_running', 'No backend holds this lock.')
        return answer(backend, false)
      },
    },
  ]
}

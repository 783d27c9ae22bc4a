import { SessionBackendError } from '@session-backend/core'
import type { Backends } from '../../backends/backends.ts'
import type { Services } from '../../runtime/services.ts'
import { checkAccount } from '../auth.ts'
import { readBody } from '../body.ts'
import type { Route } from '../router.ts'
import { CreateService } from '../v1/services.ts'
import { describeBackend, describeService } from './describe.ts'
import { statesOf } from './states.ts'

/** What the newer API's endpoints of the account need. */
export interface AccountV2Options {
  account: string
  services: Services
  backends: Backends
}

/** The newer API's endpoints of the account: its services and its backends. */
export function accountV2Routes({ account, services, backends }: AccountV2Options): Route[] {
  function serviceOf(params: Readonly<Record<string, string>>): string {
    checkAccount(params, account)
    const { service = '' } = params
    if (!services.has(service)) throw new SessionBackendError('not_found', 'There is no such service.')
    return service
  }

  /** When a backend of the service was last spawned, as far as it is remembered. */
  const lastSpawn = (service: string) =>
    backends.all.findLast(({ options }) => options.service === service)?.createdAt ?? null

  return [
    {
      endpoint: 'v2/services',
      method: 'GET',
      path: '/v2/account/:account/services',
      auth: true,
      cors: false,
      handle({ params }) {
        checkAccount(params, account)
        return { services: services.names }
      },
    },
    {
      endpoint: 'v2/create-service',
      method: 'POST',
      path: '/v2/account/:account/service',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        checkAccount(params, account)
        const { name } = await readBody(request, CreateService)
        services.create(name)
        return { status: 'ok' }
      },
    },
    {
      endpoint: 'v2/service',
      method: 'GET',
      path: '/v2/service/:account/:service',
      auth: true,
      cors: false,
      handle({ params }) {
        const service = serviceOf(params)
        const createdAt = services.createdAt(service) ?? ''
        return describeService(account, service, { createdAt, lastSpawn: lastSpawn(service) })
      },
    },
    {
      endpoint: 'v2/delete-service',
      method: 'POST',
      path: '/v2/service/:account/:service/delete',
      auth: true,
      cors: false,
      handle({ params }) {
        services.remove(serviceOf(params))
        return { status: 'ok' }
      },
    },
    {
      endpoint: 'v2/backends',
      method: 'GET',
      path: '/v2/account/:account/backends',
      auth: true,
      cors: false,
      handle({ params }) {
        checkAccount(params, account)
        return {
          running_backends: backends.live.map((backend) => ({
            ...describeBackend(account, backend),
            status: statesOf(backend).last,
          })),
        }
      },
    },
  ]
}

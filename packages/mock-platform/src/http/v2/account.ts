import { type ApiContext, checkAccount, serviceOf } from '../context.ts'
import type { ApiRoute } from '../router.ts'
import { describeRunning, describeService } from './describe.ts'
import { statesOf } from './states.ts'

/** v2's endpoints of one service, and of all backends of the account. */
export function accountV2Routes(context: ApiContext): ApiRoute[] {
  const { account, services, backends } = context

  /** When a backend of the service was last spawned, as far as it is remembered. */
  const lastSpawn = (service: string) =>
    backends.all.findLast(({ options }) => options.service === service)?.createdAt ?? null

  return [
    {
      endpoint: 'v2/service',
      method: 'GET',
      path: '/v2/service/:account/:service',
      auth: true,
      cors: false,
      handle({ params }) {
        const service = serviceOf(context, params)
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
        services.remove(serviceOf(context, params))
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
        checkAccount(context, params)
        return {
          running_backends: backends.live.map((backend) => ({
            ...describeRunning(account, backend),
            status: statesOf(backend).last,
          })),
        }
      },
    },
  ]
}

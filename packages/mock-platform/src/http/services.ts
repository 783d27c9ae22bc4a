import { ServiceName } from '../options/check.ts'
import { readBody } from './body.ts'
import { type ApiContext, checkAccount } from './context.ts'
import type { ApiRoute } from './router.ts'
import { object } from './rules.ts'

/** Where the two routes are found: v1 and v2 have the same ones under different paths. */
interface Places {
  list: Pick<ApiRoute, 'endpoint' | 'path'>
  create: Pick<ApiRoute, 'endpoint' | 'path'>
}

const CreateService = object({ name: ServiceName })

/** Lists and creates the services of the account. Specification: "Services". */
export function serviceRoutes(context: ApiContext, { list, create }: Places): ApiRoute[] {
  const { services } = context
  return [
    {
      ...list,
      method: 'GET',
      auth: true,
      cors: false,
      handle({ params }) {
        checkAccount(context, params)
        return { services: services.names }
      },
    },
    {
      ...create,
      method: 'POST',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        checkAccount(context, params)
        const { name } = await readBody(request, CreateService)
        services.create(name)
        return { status: 'ok' }
      },
    },
  ]
}

import * as v from 'valibot'
import { ServiceName } from '../../options.ts'
import type { Services } from '../../runtime/services.ts'
import { checkAccount } from '../auth.ts'
import { readBody } from '../body.ts'
import type { Route } from '../router.ts'

/** The body of a request to create a service. */
export const CreateService = v.object({ name: ServiceName })

/** Specification: "Services". */
export function serviceRoutes(account: string, services: Services): Route[] {
  return [
    {
      endpoint: 'services',
      method: 'GET',
      path: '/user/:account/services',
      auth: true,
      cors: false,
      handle({ params }) {
        checkAccount(params, account)
        return { services: services.names }
      },
    },
    {
      endpoint: 'create-service',
      method: 'POST',
      path: '/user/:account/service',
      auth: true,
      cors: false,
      async handle({ request, params }) {
        checkAccount(params, account)
        const { name } = await readBody(request, CreateService)
        services.create(name)
        return { status: 'ok' }
      },
    },
  ]
}

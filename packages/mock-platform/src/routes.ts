import { authRoute } from './http/auth.ts'
import type { ApiContext } from './http/context.ts'
import { metricsRoute } from './http/metrics.ts'
import type { ApiRoute } from './http/router.ts'
import { serviceRoutes } from './http/services.ts'
import { backendRoutes } from './http/v1/backend.ts'
import { openApiRoute } from './http/v1/openapi.ts'
import { spawnRoutes } from './http/v1/spawn.ts'
import { accountV2Routes } from './http/v2/account.ts'
import { backendV2Routes } from './http/v2/backend.ts'
import { connectRoute } from './http/v2/connect.ts'

/** The whole API: v1 and v2. */
export function createRoutes(context: ApiContext): ApiRoute[] {
  return [
    authRoute(context.account),
    openApiRoute,
    metricsRoute(context),
    ...serviceRoutes(context, {
      list: { endpoint: 'services', path: '/user/:account/services' },
      create: { endpoint: 'create-service', path: '/user/:account/service' },
    }),
    ...spawnRoutes(context),
    ...backendRoutes(context),
    ...serviceRoutes(context, {
      list: { endpoint: 'v2/services', path: '/v2/account/:account/services' },
      create: { endpoint: 'v2/create-service', path: '/v2/account/:account/service' },
    }),
    ...accountV2Routes(context),
    connectRoute(context),
    ...backendV2Routes(context),
  ]
}

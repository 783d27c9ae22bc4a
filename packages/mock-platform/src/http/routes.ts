import { authRoute } from './auth.ts'
import type { ApiContext } from './context.ts'
import type { Route } from './router.ts'
import { serviceRoutes } from './services.ts'
import { backendRoutes } from './v1/backend.ts'
import { openApiRoute } from './v1/openapi.ts'
import { spawnRoutes } from './v1/spawn.ts'
import { accountV2Routes } from './v2/account.ts'
import { backendV2Routes } from './v2/backend.ts'
import { connectRoute } from './v2/connect.ts'

/** The whole API: v1 and v2. */
export function createRoutes(context: ApiContext): Route[] {
  return [
    authRoute(context.account),
    openApiRoute,
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

import { createSessionBackends, jamsocket, type SessionBackends } from '../../src/index.ts'

/**
 * The app of the scenarios. Who asks is in `x-user`: `nobody` is not signed in, `mallory` may not open
 * anything, everybody else may do everything.
 */
export function createScenarioApp(
  platform: { url: string; account: string; token: string },
  basePath?: string,
): SessionBackends {
  return createSessionBackends({
    basePath,
    platform: jamsocket({
      account: platform.account,
      token: platform.token,
      service: 'editor',
      apiUrl: platform.url,
      // Only a silent platform may take so long, however busy the machine is.
      timeout: 2_500,
    }),
    authorize: ({ request }) => {
      const user = request.headers.get('x-user')
      if (user === null || user === 'nobody') return 'unauthenticated'
      return user === 'mallory' ? 'forbidden' : { user }
    },
    logs: true,
    terminate: true,
    logger: { error: () => {} },
  })
}

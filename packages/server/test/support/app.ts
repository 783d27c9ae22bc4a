import {
  createSessionBackends,
  jamsocket,
  SessionBackendError,
  type SessionBackends,
} from '../../src/index.ts'

/**
 * The app of the scenarios. Who asks is in `x-user`: `nobody` is not signed in, `mallory` may not open
 * anything, everybody else may do everything.
 */
export function createScenarioApp(platform: {
  url: string
  account: string
  token: string
}): SessionBackends {
  return createSessionBackends({
    platform: jamsocket({
      account: platform.account,
      token: platform.token,
      service: 'editor',
      apiUrl: platform.url,
      timeout: 400,
    }),
    authorize: ({ request }) => {
      const user = request.headers.get('x-user')
      if (user === null || user === 'nobody')
        throw new SessionBackendError('unauthenticated', 'Sign in first.')
      return user === 'mallory' ? null : { user }
    },
    logs: true,
    terminate: true,
    logger: { error: () => {} },
  })
}

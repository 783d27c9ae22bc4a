// @ts-check
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { routeHandlers } from '@session-backend/server/next'

const sessionBackends = createSessionBackends({
  platform: jamsocket({
    account: 'acme',
    service: 'editor',
    token: 'sekret',
    apiUrl: process.env.PLATFORM_URL,
  }),
  authorize: ({ request }) => request.headers.get('cookie')?.includes('session=') ?? false,
})

export const { POST } = routeHandlers(sessionBackends)

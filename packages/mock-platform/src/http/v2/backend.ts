import { isTerminal } from '@session-backend/core'
import * as v from 'valibot'
import { sendErrorBody } from '../../server/answers.ts'
import { readBody } from '../body.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRoute } from '../router.ts'
import { object } from '../rules.ts'
import { logStream, statusStream } from '../streams.ts'
import { describeBackend } from './describe.ts'
import { statesOf } from './states.ts'

/** The body of a request to terminate. */
const Terminate = object({ hard: v.nullish(v.boolean()) })

/** v2's endpoints of one backend. */
export function backendV2Routes(context: ApiContext): ApiRoute[] {
  const { account, backends } = context

  return [
    {
      endpoint: 'v2/backend',
      method: 'GET',
      path: '/v2/backend/:name',
      auth: true,
      cors: false,
      handle: ({ params }) => {
        const backend = backends.existing(params.name)
        return {
          ...describeBackend(account, backend),
          statuses: statesOf(backend).values,
          image_digest: '',
        }
      },
    },
    {
      endpoint: 'v2/status',
      method: 'GET',
      path: '/v2/backend/:name/status',
      auth: false,
      cors: true,
      handle: ({ params }) => statesOf(backends.existing(params.name)).last,
    },
    statusStream(
      context,
      { endpoint: 'v2/status/stream', path: '/v2/backend/:name/status/stream' },
      statesOf,
    ),
    logStream(context, { endpoint: 'v2/logs', path: '/v2/backend/:name/logs/stream' }),
    {
      endpoint: 'v2/terminate',
      method: 'POST',
      path: '/v2/backend/:name/terminate',
      auth: true,
      cors: false,
      async handle({ request, response, params }) {
        const backend = backends.existing(params.name)
        const { hard } = await readBody(request, Terminate)
        if (isTerminal(backend.status)) {
          // The code by which the official command line tells that there is nothing to do.
          return sendErrorBody(response, 409, 'BackendNotRunning', 'The backend has ended already.')
        }
        backend.send({ type: 'terminate' })
        if (hard) backend.kill()
        return { status: 'ok' }
      },
    },
  ]
}

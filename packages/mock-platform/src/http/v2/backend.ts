import { type Clock, isTerminal } from '@session-backend/core'
import * as v from 'valibot'
import type { Backends } from '../../backends/backends.ts'
import { sendErrorBody } from '../answers.ts'
import { readBody } from '../body.ts'
import { Heartbeats } from '../heartbeats.ts'
import type { Route } from '../router.ts'
import { streamFeed } from '../sse-writer.ts'
import { describeBackend } from './describe.ts'
import { statesOf } from './states.ts'

const Terminate = v.object({ hard: v.nullish(v.boolean()) })

/** What the newer API's endpoints of one backend need. */
export interface BackendV2Options {
  account: string
  backends: Backends
  clock: Clock
}

/** The newer API's endpoints of one backend. */
export function backendV2Routes({ account, backends, clock }: BackendV2Options): Route[] {
  const heartbeats = new Heartbeats(clock)

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
    {
      endpoint: 'v2/status/stream',
      method: 'GET',
      path: '/v2/backend/:name/status/stream',
      auth: false,
      cors: true,
      handle: (exchange) =>
        streamFeed(exchange, statesOf(backends.existing(exchange.params.name)), {
          heartbeats,
          data: (state) => JSON.stringify(state),
        }),
    },
    {
      endpoint: 'v2/logs',
      method: 'GET',
      path: '/v2/backend/:name/logs/stream',
      auth: true,
      cors: false,
      handle: (exchange) =>
        streamFeed(exchange, backends.existing(exchange.params.name).log.lines, {
          heartbeats,
          data: (line) => line,
        }),
    },
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

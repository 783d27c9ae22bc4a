import { type Clock, SessionBackendError } from '@session-backend/core'
import type { Backends } from '../../backends/backends.ts'
import { sendReadyPage } from '../../pages/ready-page/ready-page.ts'
import { Heartbeats } from '../heartbeats.ts'
import type { Route } from '../router.ts'
import { streamFeed } from '../sse-writer.ts'
import { statusesOf } from './statuses.ts'

/** What the endpoints of one backend need. */
export interface BackendRoutesOptions {
  backends: Backends
  clock: Clock
  connectionUrl(way: { name: string; token: string }): string
}

/** Specification: "Backends", the endpoints of one backend. */
export function backendRoutes({ backends, clock, connectionUrl }: BackendRoutesOptions): Route[] {
  const heartbeats = new Heartbeats(clock)

  return [
    {
      endpoint: 'status',
      method: 'GET',
      path: '/backend/:name/status',
      auth: false,
      cors: true,
      handle({ params }) {
        const current = statusesOf(backends.existing(params.name)).last
        return { state: current?.state, time: current?.time }
      },
    },
    {
      endpoint: 'status/stream',
      method: 'GET',
      path: '/backend/:name/status/stream',
      auth: false,
      cors: true,
      handle: (exchange) =>
        streamFeed(exchange, statusesOf(backends.existing(exchange.params.name)), {
          heartbeats,
          data: (state) => JSON.stringify(state),
        }),
    },
    {
      endpoint: 'logs',
      method: 'GET',
      path: '/backend/:name/logs',
      auth: true,
      cors: false,
      handle: (exchange) =>
        streamFeed(exchange, backends.existing(exchange.params.name).log.lines, {
          heartbeats,
          data: (line) => line,
        }),
    },
    {
      endpoint: 'terminate',
      method: 'POST',
      path: '/backend/:name/terminate',
      auth: true,
      cors: false,
      handle({ params }) {
        backends.existing(params.name).send({ type: 'terminate' })
        return { status: 'ok' }
      },
    },
    {
      endpoint: 'ready',
      method: 'GET',
      path: '/backend/:name/ready',
      auth: false,
      cors: false,
      handle({ params, response }) {
        const backend = backends.existing(params.name)
        // The URL that everybody shares would take a user of v2 past the token that says who they are.
        if (backend.options.perUser) {
          throw new SessionBackendError('not_found', 'Open the ready_url that connect answered with.')
        }
        sendReadyPage(response, { name: backend.name, url: connectionUrl(backend) })
      },
    },
    {
      endpoint: 'ready',
      method: 'GET',
      path: '/ready/:name/:token',
      auth: false,
      cors: false,
      handle({ params, response }) {
        const { name = '', token = '' } = params
        const backend = backends.findByToken(name, token)
        if (!backend) throw new SessionBackendError('not_found', 'There is no such backend.')
        // The page leads to where its own secret leads: it may be one user's.
        sendReadyPage(response, { name, url: connectionUrl({ name, token }) })
      },
    },
  ]
}

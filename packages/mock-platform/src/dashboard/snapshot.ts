import { type BackendState, isTerminal } from '@session-backend/core'
import type { Backend } from '../backends/backend.ts'
import { ENDPOINTS } from '../faults/endpoints.ts'
import type { Fault, Faults } from '../faults/faults.ts'
import type { ApiContext } from '../http/context.ts'
import { statusesOf } from '../http/v1/statuses.ts'
import { type Moment, waterfallOf } from './waterfall.ts'

/** How many backends that have ended are shown. */
const ENDED_SHOWN = 50

/** What the dashboard shows. It holds no token of the API. */
export interface Snapshot {
  account: string
  services: string[]
  /** Live ones first, each group with the newest first. */
  backends: BackendView[]
  /** The faults that have not struck yet. */
  faults: { fault: Fault; strikes: number }[]
  /** The endpoints to which faults can be added. */
  endpoints: readonly string[]
}

/** One backend, as the dashboard shows it. */
export interface BackendView {
  name: string
  service: string
  lock: string | null
  fencingToken: number
  /** Seconds. */
  gracePeriod: number
  connections: number
  live: boolean
  statuses: BackendState[]
  /** How it was opened, from the click to its first message. Empty if no app's route has spawned it. */
  waterfall: Moment[]
  /** The trace that it was spawned in. */
  traceId: string | null
  readyUrl: string
}

/** What a {@link Snapshot} is made from. */
export interface SnapshotSource extends Pick<ApiContext, 'account' | 'services' | 'backends'> {
  faults: Faults
  readyUrl(backend: Backend): string
}

export function takeSnapshot({ account, services, backends, faults, readyUrl }: SnapshotSource): Snapshot {
  const newestFirst = backends.all.reverse()
  const ended = newestFirst.filter(({ status }) => isTerminal(status)).slice(0, ENDED_SHOWN)
  const shown = [...newestFirst.filter(({ status }) => !isTerminal(status)), ...ended]
  return {
    account,
    services: services.names,
    faults: faults.active,
    endpoints: ENDPOINTS,
    backends: shown.map((backend) => ({
      name: backend.name,
      service: backend.options.service,
      lock: backend.lock ?? null,
      fencingToken: backend.options.fencingToken,
      gracePeriod: backend.options.gracePeriod / 1000,
      connections: backend.connections,
      live: !isTerminal(backend.status),
      statuses: statusesOf(backend).values,
      waterfall: waterfallOf(backend),
      traceId: backend.options.opening?.traceId ?? null,
      readyUrl: readyUrl(backend),
    })),
  }
}

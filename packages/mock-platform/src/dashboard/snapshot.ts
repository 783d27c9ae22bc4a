import { type BackendState, isTerminal } from '@session-backend/core'
import type { Backend } from '../backends/backend.ts'
import type { Person } from '../backends/user-tokens.ts'
import type { PlatformClock } from '../clock.ts'
import { ENDPOINTS } from '../faults/endpoints.ts'
import type { Faults, ListedFault } from '../faults/faults.ts'
import type { ApiContext } from '../http/context.ts'
import { statusesOf } from '../http/v1/statuses.ts'
import type { WarmPoolState } from '../services/warm-pool.ts'
import type { WarmPools } from '../services/warm-pools.ts'
import { type Moment, waterfallOf } from './waterfall.ts'

/** How many backends that have ended are shown. */
const ENDED_SHOWN = 200

/** What the dashboard shows. It holds no token of the API. */
export interface Snapshot {
  account: string
  /** The platform's time, in ms since the epoch. */
  now: number
  services: ServiceView[]
  /** Live ones first, in the order of their start; then the last {@link ENDED_SHOWN} ended ones, newest first. */
  backends: BackendView[]
  /** How many ended backends the platform remembers. */
  ended: number
  /** The faults that have not struck yet. */
  faults: ListedFault[]
  /** The endpoints to which faults can be added. */
  endpoints: readonly string[]
}

/** One service, as the dashboard shows it. */
export interface ServiceView {
  name: string
  /** The tags that its live backends run. Null is the service's own program. */
  tags: TagView[]
  /** Null without a warm pool. */
  warm: WarmPoolState | null
}

/** How many live backends run a tag. */
export interface TagView {
  tag: string | null
  backends: number
  /** When the oldest of them was spawned, in RFC 3339. */
  oldest: string
}

/** One backend, as the dashboard shows it. */
export interface BackendView {
  name: string
  service: string
  tag: string | null
  lock: string | null
  fencingToken: number
  /** Seconds. */
  gracePeriod: number
  connections: number
  /** The connected users, if their tokens name them (v2). */
  people: Person[]
  live: boolean
  statuses: BackendState[]
  /** How it was opened, from the click to its first message. Empty if no app's route has spawned it. */
  waterfall: Moment[]
  /** The trace that it was spawned in. */
  traceId: string | null
  /** Why it has failed, and what to do next. Null if it runs, or has ended without a failure. */
  reason: string | null
  readyUrl: string
}

/** What a {@link Snapshot} is made from. */
export interface SnapshotSource extends Pick<ApiContext, 'account' | 'services' | 'backends'> {
  faults: Faults
  warmPools: WarmPools
  clock: PlatformClock
  readyUrl(backend: Backend): string
}

export function takeSnapshot(source: SnapshotSource): Snapshot {
  const { account, services, backends, faults, warmPools, clock } = source
  const { all } = backends
  const live = all.filter(({ status }) => !isTerminal(status))
  const ended = all.filter(({ status }) => isTerminal(status)).sort(latestEndFirst)
  return {
    account,
    now: clock.now(),
    services: services.names.map((name) => ({
      name,
      tags: tagsOf(live.filter(({ options }) => options.service === name)),
      warm: warmPools.state(name) ?? null,
    })),
    backends: [...live, ...ended.slice(0, ENDED_SHOWN)].map((backend) => view(backend, source)),
    ended: ended.length,
    faults: faults.active,
    endpoints: ENDPOINTS,
  }
}

function view(backend: Backend, { readyUrl }: SnapshotSource): BackendView {
  return {
    name: backend.name,
    service: backend.options.service,
    tag: backend.options.tag ?? null,
    lock: backend.lock ?? null,
    fencingToken: backend.options.fencingToken,
    gracePeriod: backend.options.gracePeriod / 1000,
    connections: backend.connections,
    people: backend.userTokens.people,
    live: !isTerminal(backend.status),
    statuses: statusesOf(backend).values,
    waterfall: waterfallOf(backend),
    traceId: backend.options.opening?.traceId ?? null,
    reason: backend.reason ?? null,
    readyUrl: readyUrl(backend),
  }
}

function tagsOf(live: readonly Backend[]): TagView[] {
  const views = new Map<string | null, TagView>()
  // They are in the order of their start.
  for (const { options, createdAt } of live) {
    const tag = options.tag ?? null
    const known = views.get(tag)
    if (known) known.backends++
    else views.set(tag, { tag, backends: 1, oldest: createdAt })
  }
  return [...views.values()]
}

function latestEndFirst(a: Backend, b: Backend): number {
  const [endOfA = '', endOfB = ''] = [a.steps.last?.time, b.steps.last?.time]
  return endOfA < endOfB ? 1 : endOfA > endOfB ? -1 : 0
}

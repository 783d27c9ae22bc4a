import type { Session } from '@session-backend/core'
import { Recent } from './common/recent.ts'
import type { RelayState } from './relay/relay.ts'
import { SharedStreams } from './relay/shared-stream.ts'
import type { TimelineStep } from './relay/timeline.ts'
import type { SessionsState } from './sessions/context.ts'
import { RunningSlots } from './sessions/running-slots.ts'
import { SingleFlight } from './sessions/single-flight.ts'
import { SpawnRate } from './sessions/spawn-rate.ts'
import { StartTimes } from './sessions/start-times.ts'

/** The state of one platform: simultaneous calls, relayed streams, and the counts for the limits. */
export type SharedState = RelayState & SessionsState

/** The number changes with the shape of the state, so that two versions in one process don't share theirs. */
const REGISTRY = Symbol.for('@session-backend/server/4')

/**
 * The state for a platform's id. It is kept outside the modules: Next loads a module once for each kind of
 * route, and once more after each change of a file, and all of them must still share one stream.
 */
export function sharedState(platformId: string): SharedState {
  const states = registry()
  const existing = states.get(platformId)
  if (existing) return existing
  const state = {
    flights: new SingleFlight<Session>(),
    statuses: new SharedStreams<TimelineStep>(),
    logs: new SharedStreams<string>(),
    counts: { rate: new SpawnRate(), slots: new RunningSlots() },
    envValues: new Recent<readonly string[]>(),
    startupLogs: new Recent<Promise<string[]>>(100),
    lastNames: new Recent<string>(),
    startTimes: new StartTimes(),
  }
  states.set(platformId, state)
  return state
}

function registry(): Map<string, SharedState> {
  const existing: unknown = Reflect.get(globalThis, REGISTRY)
  if (existing instanceof Map) return existing
  const created = new Map<string, SharedState>()
  Reflect.set(globalThis, REGISTRY, created)
  return created
}

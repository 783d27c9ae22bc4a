import {
  addPhase,
  type BackendState,
  type Phase,
  parseJson,
  parseState,
  SessionBackendError,
  watchStatusStream,
} from '@session-backend/core'
import { orUnreachable } from '../route/request-session.ts'
import type { StatusRequest, StatusSource, StatusUpdate } from './source.ts'

/**
 * The default: from the platform's own `statusUrl`, by server-sent events. It costs the app's servers nothing.
 * PROTOCOL.md: "Following a status stream".
 */
export const platformStatus: StatusSource = {
  follow(request) {
    // Nothing else: the app's headers and credentials are not the platform's.
    const { session, fetch, signal, clock, random } = request
    return withPhases(
      request,
      watchStatusStream(`${session.statusUrl}/stream`, { fetch, signal, clock, random }),
    )
  },
  read: readPlatform,
}

/** Puts the timeline together from the statuses. */
export async function* withPhases(
  { session }: StatusRequest,
  states: AsyncIterable<BackendState>,
): AsyncGenerator<StatusUpdate, void, void> {
  let phases: Phase[] = []
  for await (const state of states) {
    phases = addPhase(phases, state)
    yield { status: state.state, timeline: { backend: session.name, phases } }
  }
}

/** Reads the `statusUrl`. */
export async function readPlatform(request: StatusRequest): Promise<BackendState> {
  const { session, fetch = globalThis.fetch, signal } = request
  const response = await orUnreachable(() => fetch(session.statusUrl, { signal, cache: 'no-store' }))
  const { ok, status } = response
  const state = parseState(parseJson(await orUnreachable(() => response.text())))
  if (ok && state) return state
  throw new SessionBackendError('platform_error', `The platform answered ${status} for a status.`, { status })
}

import { type BackendStatus, isForward, isTerminal, SessionBackendError, sleep } from '@session-backend/core'
import { withDeadline } from '../route/with-deadline.ts'
import { readPlatform, withPhases } from './platform-status.ts'
import type { StatusRequest, StatusSource } from './source.ts'

/** Between two looks, in ms. */
const INTERVAL = 2000

/** The HTTP statuses after which it makes no sense to look again. */
const REFUSALS = [401, 403, 404, 410]

/** From the platform's `statusUrl` every 2 s, where `fetch` has no streams: in React Native. */
export const pollStatus: StatusSource = {
  follow: (request) => withPhases(request, poll(request)),
  read: readPlatform,
}

async function* poll(request: StatusRequest) {
  const { clock, signal } = request
  let current: BackendStatus | undefined
  while (current === undefined || !isTerminal(current)) {
    const state = await withDeadline(clock.steady ?? clock, signal, (signal) =>
      readPlatform({ ...request, signal }),
    ).catch((error) => {
      if (!(error instanceof SessionBackendError) || REFUSALS.includes(error.status)) throw error
    })
    if (state && isForward(current, state.state)) {
      current = state.state
      yield state
    }
    await sleep(clock, INTERVAL, signal)
  }
}

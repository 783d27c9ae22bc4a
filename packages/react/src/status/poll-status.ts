import { type BackendStatus, isForward, isTerminal, sleep } from '@session-backend/core'
import { isPassing } from '../request-session.ts'
import { readPlatform, withPhases } from './platform-status.ts'
import type { StatusRequest, StatusSource } from './source.ts'

/** Between two looks, in ms. */
const INTERVAL = 2000

/** From the platform's `statusUrl` every 2 s, where `fetch` has no streams: in React Native. */
export const pollStatus: StatusSource = {
  follow: (request) => withPhases(request, poll(request)),
  read: readPlatform,
}

async function* poll(request: StatusRequest) {
  const { clock, signal } = request
  let current: BackendStatus | undefined
  while (current === undefined || !isTerminal(current)) {
    const state = await readPlatform(request).catch((error) => {
      if (!isPassing(error)) throw error
    })
    if (state && isForward(current, state.state)) {
      current = state.state
      yield state
    }
    await sleep(clock, INTERVAL, signal)
  }
}

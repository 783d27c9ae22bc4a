import { getEventListeners } from 'node:events'
import { expect, onTestFinished, vi } from 'vitest'
import { type BackendStatus, type WatchStatusOptions, watchStatus } from '../../src/index.ts'
import { type Answer, event, type StreamServer, startStreamServer } from './stream-server.ts'
import { WatchClock } from './watch-clock.ts'

/** The life of a backend, as a stream tells it from the start. */
export const WHOLE =
  event('Loading', '1') + event('Starting', '2') + event('Ready', '3') + event('Swept', '4')
export const STATES = ['Loading', 'Starting', 'Ready', 'Swept']

/** A server for one test. */
export async function serve(...answers: [Answer, ...Answer[]]): Promise<StreamServer> {
  const server = await startStreamServer(...answers)
  onTestFinished(() => server.close())
  return server
}

/** Watches until the end, and collects what is told on the way. */
export function watch(url: string, options: WatchStatusOptions = {}) {
  const clock = new WatchClock()
  const states: BackendStatus[] = []
  const problems: unknown[] = []
  const controller = new AbortController()
  const { signal } = controller
  const run = async () => {
    const onProblem = (problem: unknown) => problems.push(problem)
    for await (const { state } of watchStatus(url, {
      clock,
      random: () => 1,
      signal,
      onProblem,
      ...options,
    })) {
      states.push(state)
    }
    return states
  }
  const done = run()
  // Tests look at the outcome when they have seen what comes before it.
  done.catch(() => {})
  return { clock, states, problems, controller, signal, done }
}

/** Expects that a watch has let go of everything. */
export async function nothingIsLeft(server: StreamServer, clock: WatchClock, signal?: AbortSignal) {
  await vi.waitFor(() => expect(server.open.size).toBe(0))
  expect(clock.waits).toEqual([])
  if (signal) expect(getEventListeners(signal, 'abort')).toEqual([])
}

import type { Lifecycle, LifecycleEvent } from './lifecycle.ts'

/**
 * Why an event ended a backend, and what to do next, in sentences for the person who wrote it. Undefined if
 * it ended as it was asked to, or by itself without a failure.
 *
 * @param before Where the backend was in its life.
 * @param startTimeout How long it might take to listen, in ms.
 */
export function reasonOf(event: LifecycleEvent, before: Lifecycle, startTimeout: number): string | undefined {
  switch (event.type) {
    case 'load-failed':
    case 'start-failed':
      return event.reason ?? 'It was not launched in time. Is the disk of the data folder slow or full?'
    case 'start-timed-out':
      return `It did not listen on its port within ${startTimeout / 1000} s. Let it listen on the port in the variable PORT, or raise startTimeoutSeconds (--start-timeout).`
    case 'exited':
      return exitReason(event, before.status === 'Ready')
    case 'lost':
      return 'The platform lost track of it.'
    default:
      return undefined
  }
}

function exitReason(
  { code, signal }: Extract<LifecycleEvent, { type: 'exited' }>,
  wasReady: boolean,
): string | undefined {
  if (code === 0) {
    if (wasReady) return undefined
    return 'It exited with code 0 before it listened on its port. Let it keep running, and listen on the port in the variable PORT.'
  }
  const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `exited with code ${code}`
  return `It ${how}${wasReady ? '' : ' before it listened on its port'}. Its whole log is in the dashboard.`
}

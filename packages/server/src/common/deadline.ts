import type { Clock } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'

/** How long one of the app's functions, such as `authorize` or `spawn`, may take, in ms. */
const DEADLINE = 10_000

/**
 * Waits for what one of the app's functions returned, for at most 10 s: other requests may be waiting for the
 * same answer.
 *
 * @param name The option's name, for the error.
 */
export function inTime<T>(name: string, returned: T | PromiseLike<T>, clock: Clock): T | Promise<T> {
  if (!isThenable(returned)) return returned
  return new Promise((resolve, reject) => {
    const cancel = clock.after(DEADLINE, () =>
      reject(new Error(`\`${name}\` must settle within ${DEADLINE / 1000} s, but did not.`)),
    )
    Promise.resolve(returned).then(resolve, reject).finally(cancel)
  })
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isRecord(value) && typeof value.then === 'function'
}

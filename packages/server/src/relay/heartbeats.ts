import { type Clock, HEARTBEAT, HEARTBEAT_INTERVAL } from '@session-backend/core'

/** Passes events on, with a comment every 15 s while there are none. PROTOCOL.md: "Following a status stream". */
export async function* withHeartbeats(
  events: AsyncGenerator<string, void, void>,
  clock: Clock,
): AsyncGenerator<string, void, void> {
  let next = nextOf(events)
  try {
    while (true) {
      const result = await withinInterval(next, clock)
      if (result === undefined) {
        yield HEARTBEAT
        continue
      }
      if (result.done) return
      yield result.value
      next = nextOf(events)
    }
  } finally {
    await events.return()
  }
}

/** A reader may leave while this is pending: its rejection is then nobody's. */
function nextOf(events: AsyncGenerator<string, void, void>): Promise<IteratorResult<string, void>> {
  const next = events.next()
  next.catch(() => {})
  return next
}

/** What the promise comes to, or `undefined` once the interval is over. */
function withinInterval<T>(promise: Promise<T>, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(HEARTBEAT_INTERVAL, () => resolve(undefined))
    promise.then(resolve, reject).finally(cancel)
  })
}

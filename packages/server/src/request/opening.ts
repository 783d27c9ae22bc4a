import { type OpeningTimes, parseOpeningTimes, parseTraceparent } from '@session-backend/core/internal'

/** How a request came here, as far as it says. It decides about nothing. PROTOCOL.md: "Traces". */
export interface Opening {
  /** The trace that the page has begun, if there is one. */
  traceparent: string | undefined
  times: OpeningTimes
}

/** A click that is older, in ms, did not cause the request, or comes from another clock. */
const MAX_AGE = 600_000

/** Reads what the page sent; everything that isn't valid is ignored. */
export function openingOf(header: (name: string) => string | undefined, now: number): Opening {
  const { click } = parseOpeningTimes(header('baggage'))
  const isPlausible = click !== undefined && click <= now && now - click <= MAX_AGE
  return {
    traceparent: parseTraceparent(header('traceparent')),
    times: { ...(isPlausible && { click }), route: now },
  }
}

/** The same opening, once `authorize` has granted it. */
export function authorized({ traceparent, times }: Opening, time: number): Opening {
  return { traceparent, times: { ...times, authorized: time } }
}

import { type OpeningTimes, parseOpeningTimes, parseTraceparent } from '@session-backend/core/internal'

/** How a request came here, as far as it says. It decides about nothing. PROTOCOL.md: "Traces". */
export interface Opening {
  /** The trace that the page has begun, if there is one. */
  readonly traceparent: string | undefined
  /** Times are added as the opening goes on. One object for each request, because every opening has one. */
  readonly times: OpeningTimes
}

/** A click that is older, in ms, did not cause the request, or comes from another clock. */
const MAX_AGE = 600_000

/** Reads what the page sent; everything that isn't valid is ignored. */
export function openingOf(header: (name: string) => string | undefined, now: number): Opening {
  const times = {
    click: clickOf(header('baggage'), now),
    route: now,
    authorized: undefined,
    spawn: undefined,
  }
  return { traceparent: parseTraceparent(header('traceparent')), times }
}

function clickOf(baggage: string | undefined, now: number): number | undefined {
  if (baggage === undefined) return undefined
  const { click } = parseOpeningTimes(baggage)
  return click !== undefined && click <= now && now - click <= MAX_AGE ? click : undefined
}

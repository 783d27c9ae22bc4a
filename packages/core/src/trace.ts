/** The environment variable in which a backend finds the trace that it was spawned in. PROTOCOL.md: "Traces". */
export const TRACEPARENT_VARIABLE = 'TRACEPARENT'

/** Version 00, the only one. Neither id may be all zeros. https://www.w3.org/TR/trace-context/ */
const TRACEPARENT = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/

/** The `traceparent` of a trace, or `undefined` if the value isn't one. */
export function parseTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined
}

/** What happens while a document is opened, until the platform is asked for its backend. */
export const OPENING_STEPS = ['click', 'route', 'authorized', 'spawn'] as const

/** When the steps of an opening took place, in ms since the epoch. PROTOCOL.md: "Traces". */
export type OpeningTimes = { [step in (typeof OPENING_STEPS)[number]]?: number | undefined }

/** The longest `baggage` that is read, in characters. W3C Baggage, "Limits". */
const MAX_BAGGAGE = 8_192

/** Writes the times as members of a `baggage` header. https://www.w3.org/TR/baggage/ */
export function encodeOpeningTimes(times: OpeningTimes): string {
  let members = ''
  for (const step of OPENING_STEPS) {
    const time = times[step]
    if (time !== undefined) members += `${members === '' ? '' : ','}session-backend.${step}=${time}`
  }
  return members
}

/** Reads the times in a `baggage` header. Everything else in it is ignored. */
export function parseOpeningTimes(baggage: string | undefined): OpeningTimes {
  const times: OpeningTimes = {}
  if (baggage === undefined || baggage.length > MAX_BAGGAGE) return times
  for (const member of baggage.split(',')) {
    const [, name, time] = /^session-backend\.([a-z]{1,16})=(\d{13})$/.exec(withoutProperties(member)) ?? []
    const step = OPENING_STEPS.find((each) => each === name)
    if (step) times[step] ??= Number(time)
  }
  return times
}

function withoutProperties(member: string): string {
  const [pair = ''] = member.split(';')
  return pair.trim()
}

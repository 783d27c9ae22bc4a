import type { IncomingMessage } from 'node:http'
import { parseOpeningTimes, parseTraceparent, TRACEPARENT_VARIABLE } from '@session-backend/core/internal'
import type { Opening } from '../backends/moments.ts'

/** Reads how a spawn request came, if an app's route sent it. PROTOCOL.md: "Traces". */
export function openingOf(
  { headers }: IncomingMessage,
  env: Readonly<Record<string, string>> = {},
): Opening | undefined {
  const { baggage } = headers
  const times = parseOpeningTimes(typeof baggage === 'string' ? baggage : undefined)
  if (times.route === undefined) return undefined
  return { times, traceId: parseTraceparent(env[TRACEPARENT_VARIABLE])?.split('-')[1] }
}

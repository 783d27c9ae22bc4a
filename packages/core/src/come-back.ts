import { isRecord, parseJson } from './wire.ts'

/** The longest time over which the pages of a backend spread their next steps, in ms. */
const SPREAD = 2000

/**
 * The close reason with which a backend tells all its pages to come back: 1 ms for each of them. PROTOCOL.md:
 * "Close codes".
 */
export function encodeComeBack(connections: number): string {
  return JSON.stringify({ comeBackWithin: Math.min(connections, SPREAD) })
}

/** The time in ms over which a page spreads its next steps; `undefined` if the reason doesn't say. */
export function parseComeBack(reason = ''): number | undefined {
  const answer = parseJson(reason)
  const within = isRecord(answer) ? answer.comeBackWithin : undefined
  return typeof within === 'number' && within >= 0 && within <= SPREAD ? within : undefined
}

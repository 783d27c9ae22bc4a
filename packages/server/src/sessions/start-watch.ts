import { type BackendState, type Clock, isTerminal } from '@session-backend/core'
import type { Platform } from '../common/platform.ts'
import { readStartupLog } from '../relay/startup-log.ts'
import type { FailedStart } from '../reports/events.ts'

/**
 * Follows a backend that was just spawned until it is Ready, or has ended before. Resolves to how its start
 * failed, if it did.
 *
 * @param values The values of its environment variables.
 */
export async function watchStart(
  states: AsyncIterable<BackendState>,
  name: string,
  platform: Platform,
  values: readonly string[],
  clock: Clock,
): Promise<FailedStart | undefined> {
  for await (const { state } of states) {
    if (state === 'Ready' || state === 'Swept' || state === 'Terminated') return undefined
    if (isTerminal(state)) {
      const lines = await readStartupLog(platform, name, values, clock)
      return { status: state, lastLine: lines.filter((line) => line.trim() !== '').at(-1) }
    }
  }
  return undefined
}

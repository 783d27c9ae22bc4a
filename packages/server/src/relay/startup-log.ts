import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@session-backend/core'
import type { Platform } from '../common/platform.ts'
import { createRedaction } from './redact.ts'

/** How much of the log of a failed start is shown. */
const MAX_LINES = 50
const MAX_LINE_LENGTH = 500
/** How long the terminal status waits for the log, in ms. */
const PATIENCE = 2_000

/**
 * The last lines of a backend's log as far as they arrive in time, without the secrets it was started with.
 *
 * @param values The values of its environment variables.
 */
export async function readStartupLog(
  platform: Platform,
  name: string,
  values: readonly string[],
  clock: Clock,
): Promise<string[]> {
  const enough = new AbortController()
  const cancel = clock.after(PATIENCE, () => enough.abort())
  const lines: string[] = []
  try {
    for await (const line of platform.logs?.(name, { signal: enough.signal }) ?? []) {
      lines.push(line)
      if (lines.length > MAX_LINES) lines.shift()
    }
  } catch {
    // A log that can't be read to its end shows as far as it was read.
  } finally {
    cancel()
  }
  return redactLines(lines, createRedaction(values))
}

/** Line by line, with a turn of the event loop after each: other users' requests wait for no log. */
async function redactLines(lines: readonly string[], redact: (line: string) => string): Promise<string[]> {
  const redacted: string[] = []
  for (const line of lines) {
    redacted.push(redact(line).slice(0, MAX_LINE_LENGTH))
    await setImmediate()
  }
  return redacted
}

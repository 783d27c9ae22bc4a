import { isRecord } from '@session-backend/core/internal'
import type { Logger } from './logger.ts'

/**
 * One line for each failure, on stderr: what happened, then what it was about. The stack of the app's own
 * error follows.
 */
export const consoleLogger: Logger = {
  error(details, message) {
    const { err, ...about }: Record<string, unknown> = isRecord(details) ? details : {}
    const fields = Object.entries(about).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    const line = `[session-backend] ${message}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`
    if (err === undefined) console.error(line)
    else console.error(line, err)
  },
}

/** Whether a developer reads the log: it may then name addresses and what a backend printed. */
export function isDevelopment(): boolean {
  const { NODE_ENV = 'development' } = process.env
  return NODE_ENV === 'development'
}

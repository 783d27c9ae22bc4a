import { isRecord, parseJson } from '@session-backend/core/internal'

/** The longest line that a warm backend may send, in characters: what it says takes twenty. */
const MAX_LINE = 1_024

/** The document of a warm backend. PROTOCOL.md: "Warm pools". */
export interface Assignment {
  backend_id: string
  key: string | null
  fencing_token: number | null
  static_token: string | null
  env: Readonly<Record<string, string>>
}

/** What a warm backend says. */
export type WarmMessage = 'Warmed' | 'Ready'

/** One line for a warm backend. */
export function encodeAssignment(assignment: Assignment): string {
  return `${JSON.stringify({ message: { BackendAssignment: assignment } })}\n`
}

/**
 * Reads what a warm backend says, one message a line.
 *
 * @param onGarbage Called once, with what is wrong. Nothing is read after that.
 */
export function createWarmReader(
  onMessage: (message: WarmMessage) => void,
  onGarbage: (what: string) => void,
): (text: string) => void {
  let rest = ''
  let failed = false
  return (text) => {
    if (failed) return
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = parseMessage(line)
      if (message) onMessage(message)
      failed = message === undefined
      if (failed)
        return onGarbage(`sent ${JSON.stringify(line.slice(0, 100))}, expected \`Warmed\` or \`Ready\``)
    }
    failed = rest.length > MAX_LINE
    if (failed) onGarbage(`sent a line of more than ${MAX_LINE} characters`)
  }
}

function parseMessage(line: string): WarmMessage | undefined {
  const frame = parseJson(line)
  const message = isRecord(frame) ? frame.message : undefined
  return message === 'Warmed' || message === 'Ready' ? message : undefined
}

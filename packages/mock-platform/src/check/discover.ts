import { setTimeout as delay } from 'node:timers/promises'
import { Finding } from './lab/finding.ts'
import type { Lab } from './lab/lab.ts'
import { inWords } from './lab/page-socket.ts'
import type { Need } from './lab/scale.ts'

/** What was found out about a program before it is checked. */
export interface Discovery {
  offered: ReadonlySet<Need>
  /** Why something can't be tried, in sentences. */
  missing: ReadonlyMap<Need, string>
  /** What was found, and how: sentences for the report. */
  found: readonly string[]
}

/** How long a new connection must last to count, in ms. */
const LASTS = 1_000

/** Finds out what can be tried. */
export async function discover(lab: Lab): Promise<Discovery> {
  const webSocket = await findWebSocket(lab)
  const { editing } = lab.subject
  const facts: [Need, Fact][] = [
    ['websocket', webSocket],
    ['edits', editing ? { is: true, how: `Edits: ${editing.description}.` } : NO_EDITS],
    ['linux', process.platform === 'linux' ? { is: true, how: '' } : NO_PROC],
  ]
  return {
    offered: new Set(facts.flatMap(([need, { is }]) => (is ? [need] : []))),
    missing: new Map(facts.flatMap(([need, { is, how }]) => (is ? [] : [[need, how]]))),
    found: facts.map(([, { how }]) => how).filter((how) => how !== '' && how !== NO_PROC.how),
  }
}

interface Fact {
  is: boolean
  /** How it is known, in sentences. */
  how: string
}

const NO_EDITS: Fact = {
  is: false,
  how: 'It is not known how to edit a document. Name a message with --message, or a module with --edits.',
}
const NO_PROC: Fact = { is: false, how: 'It reads /proc, which only Linux has.' }

async function findWebSocket(lab: Lab): Promise<Fact> {
  const { path } = lab.subject
  const backend = await lab.openBackend()
  try {
    const page = await lab.openPage(backend)
    const closing = await Promise.race([page.closed, delay(LASTS, undefined, { signal: lab.signal })])
    if (!closing) return { is: true, how: `WebSocket at ${path}: the handshake was answered with 101.` }
    return {
      is: false,
      how: `The WebSocket at ${path} was ${inWords(closing)} at once. Name a user with --user and --auth.`,
    }
  } catch (error) {
    if (!(error instanceof Finding)) throw error
    return { is: false, how: `${error.message} Its path was ${path}; name another one with --path.` }
  }
}

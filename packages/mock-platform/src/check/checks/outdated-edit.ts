import { setTimeout as delay } from 'node:timers/promises'
import type { BackendInLab } from '../lab/backend-in-lab.ts'
import type { Edits, Page } from '../lab/editing.ts'
import { Finding } from '../lab/finding.ts'
import type { Lab } from '../lab/lab.ts'

/** How long an edit is waited for that must not be confirmed, in ms. */
const PATIENCE = 3_000

export const OUTDATED_TODO =
  'Let the storage keep the token next to the value, and refuse a lower one in the same step as it writes. `fencedFile` of @session-backend/backend does.'

/**
 * Makes an edit on a backend that has lost its document to a higher token.
 *
 * @param edits The page's connection, if it has one.
 * @returns How the edit was refused.
 * @throws Finding if it was confirmed as saved.
 */
export async function tryOutdatedEdit(
  lab: Lab,
  page: Page,
  backend: BackendInLab,
  edits?: Edits,
): Promise<string> {
  const connected = edits ?? (await lab.connect(page, backend).catch(refused))
  if (typeof connected === 'string') return connected
  const editing = connected.edit(lab.newEdit()).then(
    () => 'confirmed' as const,
    (error: unknown) =>
      `refused the edit: ${withoutStop(error instanceof Error ? error.message : String(error))}`,
  )
  const waiting = delay(PATIENCE, `did not confirm the edit within ${PATIENCE / 1000} s`, {
    signal: lab.signal,
  })
  const answer = await Promise.race([editing, waiting])
  if (answer === 'confirmed') {
    throw new Finding('A backend with an outdated token confirmed an edit as saved.', OUTDATED_TODO)
  }
  return answer
}

function refused(error: unknown): string {
  if (error instanceof Finding) return `took no page: ${withoutStop(error.message)}`
  throw error
}

/** A sentence as a part of another one. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

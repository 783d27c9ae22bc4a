import { type Clock, SessionBackendError } from '@session-backend/core'
import { invalidOption, isLock, MAX_LOCK_LENGTH } from '@session-backend/core/internal'
import { LOCK, typeName } from '../common/checks.ts'
import { inTime } from '../common/deadline.ts'
import type { DocumentContext } from '../common/document.ts'
import { isPlainText } from '../common/plain-text.ts'

/** Names the lock of a document. Two documents must never have the same lock. */
export type LockFunction = (context: DocumentContext) => string | Promise<string>

/**
 * `${service}/${documentId}`. The services of an account share their locks, so a slash in a service's name is
 * encoded: the first slash then always ends it, and no two pairs give the same lock.
 */
export function defaultLock(service: string): (document: { documentId: string }) => string {
  const prefix = `${encodeURIComponent(service)}/`
  return ({ documentId }) => prefix + documentId
}

/** Throws `bad_request` if the document's id makes the lock too long. PROTOCOL.md: "The route". */
export async function lockOf(
  { documentId, params }: DocumentContext,
  lock: LockFunction,
  clock: Clock,
): Promise<string> {
  const name: unknown = await inTime('lock', lock({ documentId, params }), clock)
  if (isLock(name) && isPlainText(name)) return name
  if (typeof name === 'string' && name.length > MAX_LOCK_LENGTH) {
    throw new SessionBackendError(
      'bad_request',
      `The document id is too long: its lock has over ${MAX_LOCK_LENGTH} characters.`,
    )
  }
  throw invalidOption(
    'lock',
    `a function that returns ${LOCK.expected}`,
    lock,
    `one that returned ${typeName(name)}`,
  )
}

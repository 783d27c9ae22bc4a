import { SessionBackendError } from '@session-backend/core'
import { typeName } from '../common/checks.ts'
import { isPlainText } from '../common/plain-text.ts'

/**
 * Throws `bad_request` if the value can't be a document id. PROTOCOL.md: "The route".
 *
 * `__proto__` is refused too: every plain object of the app has a property of that name.
 */
export function checkDocumentId(id: unknown): string {
  if (typeof id === 'string' && id !== '' && id !== '__proto__' && isPlainText(id)) return id
  if (typeof id !== 'string') {
    throw new SessionBackendError(
      'bad_request',
      `The document id must be a string, got ${typeName(id)}. In Next.js, await \`params\` before you read the id from it.`,
    )
  }
  throw new SessionBackendError(
    'bad_request',
    'The document id is empty, is `__proto__`, or holds control characters or lone surrogates.',
  )
}

/** Decodes the path segment that holds the document id. */
export function decodeDocumentId(segment: string): string {
  try {
    return checkDocumentId(decodeURIComponent(segment))
  } catch (error) {
    if (error instanceof SessionBackendError) throw error
    throw new SessionBackendError('bad_request', 'The document id is not percent-encoded UTF-8.')
  }
}

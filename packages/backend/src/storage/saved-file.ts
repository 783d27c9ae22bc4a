import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson, validate } from '@session-backend/core/internal'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Saved } from './document-storage.ts'

/** A schema for values that are bytes. */
export const bytes: StandardSchemaV1<unknown, Uint8Array> = {
  '~standard': {
    version: 1,
    vendor: 'session-backend',
    validate: (value) =>
      value instanceof Uint8Array ? { value } : { issues: [{ message: 'the value must be bytes' }] },
  },
}

/** Encodes a file: a line of JSON about the value, then the value, as JSON or as raw bytes. */
export function encodeSaved({ value, cursors }: Saved<unknown>): Uint8Array[] {
  const isBytes = value instanceof Uint8Array
  const head = Buffer.from(`${JSON.stringify({ type: isBytes ? 'bytes' : 'json', cursors })}\n`)
  // A copy: the value is live, and writing takes time.
  const body = isBytes ? Buffer.from(value) : Buffer.from(JSON.stringify(value) ?? 'null')
  return [head, body]
}

/** Reads such a file. Throws `internal` if it is damaged, or its value isn't what the schema takes. */
export function decodeSaved<Value>(
  data: Buffer,
  token: number,
  path: string,
  schema: StandardSchemaV1<unknown, Value>,
): Saved<Value> {
  const lineBreak = data.indexOf('\n')
  const head = parseJson(data.toString('utf8', 0, Math.max(lineBreak, 0)))
  const body = data.subarray(lineBreak + 1)
  if (!isRecord(head) || !isRecord(head.cursors)) throw damaged(path, 'its first line is not what it was')
  const value = head.type === 'bytes' ? new Uint8Array(body) : parseJson(body.toString())
  if (value === undefined) throw damaged(path, 'its value is not JSON')
  const result = validate(schema, value)
  if (!result.ok) throw damaged(path, `its value does not fit the schema: ${result.problem}`)
  return { value: result.value, token, cursors: head.cursors }
}

function damaged(path: string, why: string): SessionBackendError {
  return new SessionBackendError(
    'internal',
    `${path} can't be read: ${why}. Repair it, or move it away to begin with an empty document.`,
  )
}

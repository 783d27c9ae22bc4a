import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson } from '@session-backend/core/internal'
import * as v from 'valibot'

/** The longest body, in bytes: a spawn request has room for a large environment. */
const MAX_BODY = 256 * 1024
/** How long a body may take, in ms. */
const MAX_TIME = 10_000

/** Reads a JSON body of a known shape. Throws an error that says what the client did wrong. */
export async function readBody<Schema extends v.GenericSchema>(
  request: IncomingMessage,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const text = await readText(request)
  // No body at all is an empty one: every field of it may be optional.
  if (type !== 'application/json' && !(type === undefined && text === '')) {
    throw new SessionBackendError('unsupported_media_type', 'Send JSON, with Content-Type: application/json.')
  }
  const value = text === '' ? {} : parseJson(text)
  if (!isRecord(value)) throw new SessionBackendError('bad_request', 'The body is not a JSON object.')
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  const field = v.getDotPath(issue)
  throw new SessionBackendError('bad_request', `${field === null ? 'The body' : field}: ${issue.message}.`)
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const fail = (error: SessionBackendError) => {
      clearTimeout(timer)
      chunks.length = 0
      // The rest of the body is read and dropped, so that the answer arrives.
      request.removeAllListeners('data').resume()
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new SessionBackendError('bad_request', 'The body takes too long.', { status: 408 })),
      MAX_TIME,
    )
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY) chunks.push(chunk)
      else fail(new SessionBackendError('payload_too_large', `The body is longer than ${MAX_BODY} bytes.`))
    })
    request.once('end', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString())
    })
    request.once('close', () => {
      if (!request.readableEnded) fail(new SessionBackendError('bad_request', 'The body was cut off.'))
    })
  })
}

import { SessionBackendError } from './errors.ts'

/**
 * Reads a whole body as text. If the body is longer than `maxBytes`, throws `payload_too_large` and cancels
 * it.
 */
export async function readText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string> {
  if (body === null) return ''
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) {
        throw new SessionBackendError('payload_too_large', `The body is longer than ${maxBytes} bytes.`)
      }
      text += decoder.decode(value, { stream: true })
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

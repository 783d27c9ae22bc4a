import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether one of the MACs is that of the text. Compared as texts: base64url has several spellings of the same
 * bytes.
 */
export function isSigned(key: Uint8Array, text: string, macs: readonly string[]): boolean {
  const expected = createHmac('sha256', key).update(text).digest('base64url')
  return macs.some((mac) => isSame(mac, expected))
}

export function isDigest(digest: string, body: Uint8Array): boolean {
  return isSame(digest, createHash('sha256').update(body).digest('base64url'))
}

/** Compares in constant time. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

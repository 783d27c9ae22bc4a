import { createHmac } from 'node:crypto'

/** HMAC-SHA-256 in base64url: one MAC for each key. */
export function macsOf(keys: readonly Uint8Array[], text: string): string[] {
  return keys.map((key) => createHmac('sha256', key).update(text).digest('base64url'))
}

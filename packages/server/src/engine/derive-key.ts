import { hkdfSync } from 'node:crypto'

/**
 * A key of 32 bytes for one purpose, by HKDF-SHA-256: every process of the app derives the same from a secret. The secret can't be found
 * from it, nor the key for another service or purpose.
 */
export function deriveKey(secret: string, service: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, service, purpose, 32))
}

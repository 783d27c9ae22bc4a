import { timingSafeEqual } from 'node:crypto'
import { createHmacOf, type Hmac } from '../common/hmac.ts'
import type { Platform } from '../common/platform.ts'

/** The length of the signature, in base64url characters. It is long enough that nobody can guess it. */
const SIGNATURE_LENGTH = 22

/**
 * What a page shows to learn how its backend ended, from any process of the app: the backend's name, signed
 * together with the lock. PROTOCOL.md: "The session". `undefined` if the platform has nothing to sign with.
 */
export function createRef(platform: Platform, lock: string, name: string): string | undefined {
  const signature = signatureOf(platform)?.(JSON.stringify([lock, name]), 'base64url')
  return signature && `${name}.${signature.slice(0, SIGNATURE_LENGTH)}`
}

const SIGNATURES = new WeakMap<Platform, Hmac>()

function signatureOf(platform: Platform): Hmac | undefined {
  const known = SIGNATURES.get(platform)
  if (known) return known
  const key = platform.deriveKey?.('session-backend ref')
  if (key === undefined) return undefined
  const signature = createHmacOf(key)
  SIGNATURES.set(platform, signature)
  return signature
}

/** The name of the backend, if this app has handed out the ref for this lock. */
export function readRef(platform: Platform, lock: string, ref: string | undefined): string | undefined {
  if (ref === undefined || ref.length > 300) return undefined
  const name = ref.slice(0, ref.lastIndexOf('.'))
  const expected = createRef(platform, lock, name)
  return expected !== undefined && isSame(ref, expected) ? name : undefined
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

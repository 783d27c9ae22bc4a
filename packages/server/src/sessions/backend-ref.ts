import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Platform } from '../common/platform.ts'

/** The length of the signature, in base64url characters. It is long enough that nobody can guess it. */
const SIGNATURE_LENGTH = 22

/**
 * What a page shows to learn how its backend ended, from any process of the app: the backend's name, signed
 * together with the lock. PROTOCOL.md: "The session". `undefined` if the platform has nothing to sign with.
 */
export function createRef(platform: Platform, lock: string, name: string): string | undefined {
  const key = refKeyOf(platform)
  if (key === undefined) return undefined
  const signature = createHmac('sha256', key)
    .update(JSON.stringify([lock, name]))
    .digest('base64url')
  return `${name}.${signature.slice(0, SIGNATURE_LENGTH)}`
}

const KEYS = new WeakMap<Platform, Uint8Array>()

function refKeyOf(platform: Platform): Uint8Array | undefined {
  const key = KEYS.get(platform) ?? platform.deriveKey?.('session-backend ref')
  if (key) KEYS.set(platform, key)
  return key
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

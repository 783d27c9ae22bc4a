import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** A secret for a URL or a header: 256 bits. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/** An access token. The official command line takes only those with a period in them. */
export function createAccessToken(): string {
  return `dev.${createToken()}`
}

/** Compares a secret with what a stranger sent, in a time that tells nothing about either. */
export function isSameSecret(secret: string, given: string): boolean {
  return timingSafeEqual(digest(secret), digest(given))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A short name: letters and digits. */
export function createName(): string {
  return Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

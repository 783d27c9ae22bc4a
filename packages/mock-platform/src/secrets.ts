import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** A secret for a URL or a header: 256 bits. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

const STATIC = 's.'

/**
 * A secret for a URL that a backend is told before it starts: `s.<name>.<secret>`. Plane's begin with the
 * same letter.
 */
export function createStaticToken(name: string): string {
  return `${STATIC}${name}.${createToken()}`
}

export function isStaticToken(token: string): boolean {
  return token.startsWith(STATIC)
}

/** The name of the backend that a static token belongs to. */
export function nameInStaticToken(token: string): string {
  return token.split('.', 2)[1] ?? ''
}

/** An access token. The official command line takes only those with a period in them. */
export function createAccessToken(): string {
  return `dev.${createToken()}`
}

/** Compares a secret with what a stranger sent, in a time that tells nothing but their lengths, which are no secret. */
export function isSameSecret(secret: string, given: string): boolean {
  const [ours, theirs] = [Buffer.from(secret), Buffer.from(given)]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A short name: letters and digits. */
export function createName(): string {
  return Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

import { controlKeyInfo } from '@session-backend/core/internal'
import { checkOptional, type Rule } from '../common/checks.ts'
import type { Platform } from '../common/platform.ts'
import { Recent } from '../common/recent.ts'
import { createKeyDerivation } from '../engine/derive-key.ts'

/** PROTOCOL.md: "The request". */
const MAX_SECRETS = 3
const MIN_LENGTH = 16

const SECRETS: Rule = {
  expected: `a list of 1 to ${MAX_SECRETS} strings of at least ${MIN_LENGTH} characters, the newest secret first`,
  isValid: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MAX_SECRETS && value.every(isSecret),
  typeOnly: true,
}

function isSecret(value: unknown): boolean {
  return typeof value === 'string' && value.length >= MIN_LENGTH
}

/** Throws `invalid_option` if the app's secrets aren't usable. */
export function checkSecrets(secrets: readonly string[] | undefined): readonly string[] | undefined {
  checkOptional('secrets', secrets, SECRETS)
  return secrets
}

/**
 * The control keys that the backend of a lock may have. A new backend gets the first one. Empty without a
 * secret.
 */
export type ControlKeys = (lock: string) => readonly Uint8Array[]

export function createControlKeys(platform: Platform, secrets: readonly string[] | undefined): ControlKeys {
  const derivations =
    secrets?.map((secret) => createKeyDerivation(secret, platform.service)) ??
    (platform.deriveKey ? [platform.deriveKey.bind(platform)] : [])
  const recent = new Recent<readonly Uint8Array[]>()
  return (lock) => {
    const known = recent.get(lock)
    if (known) return known
    const keys = derivations.map((derive) => derive(controlKeyInfo(lock)))
    recent.set(lock, keys)
    return keys
  }
}

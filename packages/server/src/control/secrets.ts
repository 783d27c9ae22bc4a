import { controlKeyInfo } from '@session-backend/core/internal'
import { invalid } from '../common/checks.ts'
import type { Platform } from '../common/platform.ts'
import { deriveKey } from '../engine/derive-key.ts'

/** PROTOCOL.md: "The request". */
const MAX_SECRETS = 3
const MIN_LENGTH = 16

/** Throws `invalid_option` if the app's secrets aren't usable. */
export function checkSecrets(secrets: readonly string[]): readonly string[] {
  if (!Array.isArray(secrets) || secrets.length < 1 || secrets.length > MAX_SECRETS) {
    throw invalid(`\`secrets\` must be an array of 1 to ${MAX_SECRETS} secrets, the newest first.`)
  }
  if (secrets.some((secret) => typeof secret !== 'string' || secret.length < MIN_LENGTH)) {
    throw invalid(`\`secrets\` must hold strings of at least ${MIN_LENGTH} characters.`)
  }
  return secrets
}

/** The control keys that the backend of a lock may have: the one that is given to a new backend first; empty without a secret. */
export type ControlKeys = (lock: string) => readonly Uint8Array[]

export function createControlKeys(platform: Platform, secrets: readonly string[] | undefined): ControlKeys {
  return (lock) => {
    const info = controlKeyInfo(lock)
    if (secrets) return secrets.map((secret) => deriveKey(secret, platform.service, info))
    return platform.deriveKey ? [platform.deriveKey(info)] : []
  }
}

import { SessionBackendError } from '@session-backend/core'
import { CONTROL_KEY_VARIABLE } from '@session-backend/core/internal'

/**
 * How a backend knows what is meant for it: the name that is signed, and the key that signs. PROTOCOL.md:
 * "The key".
 */
export interface Identity {
  readonly name: string
  readonly key: Uint8Array
}

type Variables = Readonly<Record<string, string | undefined>>

/** A backend has one identity in its life; copies of this module, as ESM and as CommonJS, share it. */
const REGISTRY = Symbol.for('@session-backend/backend/identity')

/**
 * Takes the control key out of some variables, and out of the environment of the process: no child process
 * inherits it. It is the backend's from then on.
 *
 * @throws `invalid_option` if it isn't a key.
 */
export function takeControlKey(name: string | undefined, variables: Variables): Variables {
  const { [CONTROL_KEY_VARIABLE]: text, ...others } = variables
  delete process.env[CONTROL_KEY_VARIABLE]
  if (!text) return others
  // HMAC accepts any key, and a key that can be guessed would let anyone in.
  if (!/^[\w-]{43}$/.test(text)) {
    throw new SessionBackendError(
      'invalid_option',
      `The environment variable ${CONTROL_KEY_VARIABLE} must be 32 bytes in base64url, got ${text.length} characters.`,
    )
  }
  if (name !== undefined) {
    const identity: Identity = { name, key: Buffer.from(text, 'base64url') }
    Reflect.set(globalThis, REGISTRY, identity)
  }
  return others
}

/** The identity of this process' backend; `undefined` if it was spawned without a control key. */
export function ownIdentity(): Identity | undefined {
  // A server without `runBackend` may never have asked for its assignment.
  if (process.env[CONTROL_KEY_VARIABLE]) takeControlKey(process.env.SESSION_BACKEND_ID, process.env)
  const identity: unknown = Reflect.get(globalThis, REGISTRY)
  return isIdentity(identity) ? identity : undefined
}

function isIdentity(value: unknown): value is Identity {
  return typeof value === 'object' && value !== null && 'name' in value && 'key' in value
}

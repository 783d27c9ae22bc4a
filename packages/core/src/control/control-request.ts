import { isRecord } from '../wire.ts'

/** Below the connection URL. PROTOCOL.md: "The request". */
export const CONTROL_PATH = '.session-backend/control'

export const SIGNATURE_HEADER = 'x-session-backend-signature'

/** The longest body, in bytes. */
export const MAX_CONTROL_BODY = 65_536

/** A control request of an app's server. PROTOCOL.md: "Control". */
export type ControlMessage =
  | { revoke: { user: string } }
  | { send: { message: unknown } }
  | { stats: Record<never, never> }

/** Reads the body of a control request; `undefined` if it isn't one. */
export function parseControlMessage(value: unknown): ControlMessage | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 1) return undefined
  const { revoke, send, stats } = value
  if (isRecord(revoke) && typeof revoke.user === 'string') return { revoke: { user: revoke.user } }
  if (isRecord(send) && Object.hasOwn(send, 'message')) return { send: { message: send.message } }
  return isRecord(stats) ? { stats: {} } : undefined
}

/** What is signed of a control request. */
export interface ControlStamp {
  /** In ms since the epoch. */
  time: number
  nonce: string
  /** The SHA-256 of the body. */
  digest: string
}

/** The signature of a control request. */
export interface ControlSignature extends ControlStamp {
  macs: string[]
}

/**
 * In base64url, a nonce of 16 bytes, a SHA-256 digest, and one to three MACs: one for each secret of an app
 * that is changing its secret. A literal costs nothing in the pages that don't use it.
 */
const SIGNATURE = /^t=(\d{1,15}),n=([\w-]{22}),d=([\w-]{43}),mac=([\w-]{43}(?:\.[\w-]{43}){0,2})$/

/** The text that the MAC of a control request signs. */
export function controlText(name: string, { time, nonce, digest }: ControlStamp): string {
  return JSON.stringify(['session-backend control', name, time, nonce, digest])
}

export function encodeControlSignature({ time, nonce, digest, macs }: ControlSignature): string {
  return `t=${time},n=${nonce},d=${digest},mac=${macs.join('.')}`
}

/** Reads the header of a control request; `undefined` if it isn't one. */
export function parseControlSignature(header: string): ControlSignature | undefined {
  const [, time, nonce = '', digest = '', macs = ''] = SIGNATURE.exec(header) ?? []
  return time === undefined ? undefined : { time: Number(time), nonce, digest, macs: macs.split('.') }
}

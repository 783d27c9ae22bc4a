import { createHash, createHmac, randomBytes } from 'node:crypto'
import {
  CONTROL_PATH,
  controlText,
  encodeControlSignature,
  encodeUserToken,
  SIGNATURE_HEADER,
  USER_TOKEN_PARAMETER,
  userTokenText,
} from '@session-backend/core/internal'
import type { Identity } from '../../src/control/identity.ts'

/** The backend of a test. */
export const IDENTITY: Identity = { name: 'test', key: Buffer.alloc(32, 7) }

const mac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url')

/** A user token, as the app's route makes it. */
export function userToken(claims: object, { name, key }: Identity = IDENTITY): string {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return encodeUserToken({ claims: text, macs: [mac(key, userTokenText(name, text))] })
}

/** The path and query of a user's connection on v1. */
export const pathOf = (token: string) => `/?${USER_TOKEN_PARAMETER}=${token}`

/** What can be wrong with a control request. */
export interface Wrong {
  identity?: Identity
  time?: number
  nonce?: string
  /** The body that is signed, if it isn't the one that is sent. */
  signed?: string
}

/** The header of a control request, as the app's server makes it. */
export function signatureOf(body: string, { identity = IDENTITY, time, nonce, signed }: Wrong = {}): string {
  const stamp = {
    time: time ?? Date.now(),
    nonce: nonce ?? randomBytes(16).toString('base64url'),
    digest: createHash('sha256')
      .update(signed ?? body)
      .digest('base64url'),
  }
  return encodeControlSignature({ ...stamp, macs: [mac(identity.key, controlText(identity.name, stamp))] })
}

/** Sends a control request, and resolves to the answer's status and code. */
export async function control(port: number, body: string, header: string): Promise<[number, unknown]> {
  const answer = await fetch(`http://127.0.0.1:${port}/${CONTROL_PATH}`, {
    method: 'POST',
    headers: { [SIGNATURE_HEADER]: header },
    body,
  })
  const text = await answer.text()
  return [answer.status, text === '' ? undefined : JSON.parse(text).error.code]
}

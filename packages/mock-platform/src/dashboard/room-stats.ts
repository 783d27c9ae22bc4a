import { createHash, createHmac, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import {
  CONTROL_PATH,
  controlText,
  encodeControlSignature,
  isRecord,
  parseJson,
  SIGNATURE_HEADER,
} from '@session-backend/core/internal'
import type { Address } from '../address.ts'
import type { Backend } from '../backends/backend.ts'

/** What a room counts, by name. */
export type RoomStats = Readonly<Record<string, number>>

/** How long a room may take to answer, in ms. */
const LIMIT = 2_000
const MAX_ANSWER = 16_384
const MAX_STATS = 20
const BODY = JSON.stringify({ stats: {} })

/**
 * Asks a backend's room for its stats, as PROTOCOL.md says under "Stats". Null if the backend isn't Ready, has no
 * control key, or doesn't answer as a room does.
 */
export async function readRoomStats(backend: Backend): Promise<RoomStats | null> {
  const { controlKey } = backend.options
  if (controlKey === undefined || backend.status !== 'Ready') return null
  const signal = AbortSignal.any([backend.ended, AbortSignal.timeout(LIMIT)])
  try {
    const address = await backend.whenReady(signal)
    return parseStats(await post(address, signatureOf(backend.name, controlKey), signal))
  } catch {
    // It may end, or be any program.
    return null
  }
}

function signatureOf(name: string, controlKey: string): string {
  const stamp = {
    // The backend compares it with the clock of the machine, not with the platform's, which can be moved.
    time: Date.now(),
    nonce: randomBytes(16).toString('base64url'),
    digest: createHash('sha256').update(BODY).digest('base64url'),
  }
  const key = Buffer.from(controlKey, 'base64url')
  const mac = createHmac('sha256', key).update(controlText(name, stamp)).digest('base64url')
  return encodeControlSignature({ ...stamp, macs: [mac] })
}

/** Resolves to the body of an answer with 200. It goes to the backend itself: the proxy would take it for a user. */
function post(address: Address, signature: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature }
    const asking = request({
      ...{ ...address, path: `/${CONTROL_PATH}`, method: 'POST', headers, agent: false, signal },
    })
    asking.on('error', reject)
    asking.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('error', reject)
      response.on('data', (piece: string) => {
        text += piece
        if (response.statusCode !== 200 || text.length > MAX_ANSWER)
          asking.destroy(new Error('It is no answer of a room.'))
      })
      response.on('end', () => resolve(text))
    })
    asking.end(BODY)
  })
}

function parseStats(text: string): RoomStats | null {
  const value = parseJson(text)
  if (!isRecord(value)) return null
  const stats = Object.entries(value).filter(
    (entry): entry is [string, number] => /^[A-Za-z]{1,40}$/.test(entry[0]) && Number.isFinite(entry[1]),
  )
  return Object.fromEntries(stats.slice(0, MAX_STATS))
}

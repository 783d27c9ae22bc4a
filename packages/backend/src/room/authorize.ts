import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { readUser } from '../assignment/verified-user.ts'
import type { Identity } from '../control/identity.ts'
import type { Authorization } from '../control/revocations.ts'
import { Mismatch, withoutUserToken } from '../control/user-token.ts'
import type { Authorized, Visitor } from './options.ts'
import { within } from './within.ts'

/** In ms. */
const AUTHORIZE_TIMEOUT = 10_000

/** What a room asks about a connection. */
export interface AuthorizeParts<Data> {
  authorize(visitor: Visitor): Authorized<Data> | Promise<Authorized<Data>>
  identity: Identity | undefined
  report(error: unknown, doing: string): void
}

/** Who comes in. */
export type Admitted<Data> = Authorization & { data: Data }
/** What was decided about a connection: the user's data, or why they may not come in. */
export type Admission<Data> = Admitted<Data> | { refused: 'unauthenticated' | 'forbidden' }

/** Makes what decides about a room's connections. It never throws. */
export function createAuthorizer<Data extends object>({
  authorize,
  identity,
  report,
}: AuthorizeParts<Data>): (request: IncomingMessage) => Promise<Admission<Data>> {
  let isReported = false

  async function decide(request: IncomingMessage): Promise<Admission<Data>> {
    const { user, auth, authorizedAt } = readUser(request, identity, Date.now())
    if (request.url !== undefined) request.url = withoutUserToken(request.url)
    const visitor = { user, auth: isRecord(auth) ? auth : {}, request }
    const authorized = await within(AUTHORIZE_TIMEOUT, '`authorize`', () => authorize(visitor))
    if (typeof authorized === 'object' && authorized !== null) return { user, authorizedAt, data: authorized }
    const isKnown = authorized === 'forbidden' || (authorized !== 'unauthenticated' && user !== undefined)
    return { refused: isKnown ? 'forbidden' : 'unauthenticated' }
  }

  return async (request) => {
    try {
      return await decide(request)
    } catch (error) {
      const isRefusal = error instanceof SessionBackendError && error.code === 'unauthenticated'
      // Anybody can send a token that is wrong, as often as they like: no line in the log for each.
      if (!isRefusal || (error instanceof Mismatch && !isReported)) {
        isReported ||= isRefusal
        report(error, 'authorizing')
      }
      return { refused: isRefusal ? 'unauthenticated' : 'forbidden' }
    }
  }
}

import type { Session } from '@session-backend/core'
import { callOptions } from '../common/lazy-abort.ts'
import type { CallOptions, FetchCall } from '../common/platform.ts'
import { hasStaticToken, withTime, withUserToken } from '../control/user-token.ts'
import { tracedCall } from '../reports/telemetry.ts'
import { createRef } from './backend-ref.ts'
import type { SessionsContext } from './context.ts'
import type { Visit } from './visit.ts'

/** A call to the platform. */
export type SessionCall = (request: FetchCall, options: CallOptions) => Promise<Session>

/**
 * Makes calls for users. If the platform gives everybody the same session, simultaneous calls are made once,
 * for no user in particular. Otherwise each user has a call.
 */
export type SharedCalls = (
  name: 'spawn' | 'fetch',
  visit: Visit,
  lock: string,
  call: SessionCall,
) => Promise<Session>

export function createSharedCalls({ settings, state, keysOf }: SessionsContext): SharedCalls {
  const { platform } = settings

  return async (name, { grant, authorizedAt, abort }, lock, call) => {
    const make: SessionCall = (request, options) =>
      tracedCall(name, platform.service, async () => {
        const session = await call(request, options)
        state.lastNames.set(lock, session.name)
        const ref = createRef(platform, lock, session.name)
        return ref === undefined ? session : { ...session, ref }
      })
    const { user } = grant
    const named = user === undefined ? {} : { user }
    const addUser = (session: Session) => withUserToken(session, grant, authorizedAt, () => keysOf(lock))
    if (!platform.sharesSessions) {
      const own = await make({ lock, grant: withTime(grant, authorizedAt) }, callOptions(abort))
      const session = { ...own, ...named }
      return hasStaticToken(session) ? addUser(session) : session
    }
    const { value, first } = await state.flights.run(`${name} ${lock}`, abort, (crowd) =>
      make({ lock }, callOptions(crowd)),
    )
    return addUser({ ...value, spawned: first && value.spawned, ...named })
  }
}

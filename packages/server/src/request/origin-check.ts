import { SessionBackendError } from '@session-backend/core'
import type { Incoming } from '../exchange.ts'

/**
 * Throws `forbidden` for a write that another site's page makes with the user's cookies. PROTOCOL.md: "The route".
 *
 * A browser says where a request comes from in `Sec-Fetch-Site`, and in `Origin` where the page was not loaded
 * over TLS; no page can change either, nor send `X-Forwarded-Host` across origins without being asked first.
 * What sends neither is no browser, and has no user's cookies.
 */
export function checkOrigin(incoming: Pick<Incoming, 'header'>, trustedOrigins: readonly string[]): void {
  const origin = incoming.header('origin')
  if (origin !== undefined && trustedOrigins.includes(origin)) return
  const site = incoming.header('sec-fetch-site')
  if (site === 'cross-site') throw crossSite()
  if (site === 'same-origin' || origin === undefined) return
  const host = /^https?:\/\/(.+)$/.exec(origin)?.[1]
  if (
    host === undefined ||
    (host !== incoming.header('host') && host !== incoming.header('x-forwarded-host'))
  )
    throw crossSite()
}

function crossSite(): SessionBackendError {
  return new SessionBackendError('forbidden', 'The request comes from another site.')
}

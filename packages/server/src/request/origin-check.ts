import type { Incoming } from '../http/incoming.ts'
import { ReportedError } from '../reports/reported-error.ts'

/** How much of a header goes into the log, in characters. */
const MAX_SHOWN = 200

/**
 * Throws `forbidden` for a write that another site's page makes with the user's cookies. PROTOCOL.md: "The
 * route".
 *
 * A browser tells the site of a request in `Sec-Fetch-Site`, and in `Origin` if the page was not loaded over
 * TLS. A page can't change either, and can't send `X-Forwarded-Host` across origins without a preflight. A
 * client that sends neither is not a browser, and has no user's cookies.
 */
export function checkOrigin(incoming: Pick<Incoming, 'header'>, trustedOrigins: readonly string[]): void {
  const origin = incoming.header('origin')
  if (origin !== undefined && trustedOrigins.includes(origin)) return
  const site = incoming.header('sec-fetch-site')
  if (site === 'cross-site') {
    throw crossSite(`\`Sec-Fetch-Site\` is cross-site, \`Origin\` is ${shown(origin)}`)
  }
  if (site === 'same-origin' || origin === undefined) return
  const hosts = hostsOf(incoming)
  const [, scheme = '', host = ''] = /^(https?):\/\/([^/?#@]+)$/i.exec(origin) ?? []
  const asked = normalized(scheme, host)
  if (asked !== undefined && hosts.some((each) => normalized(scheme, each) === asked)) return
  throw crossSite(`\`Origin\` is ${shown(origin)}, the app's own host is ${shown(hosts.join(' or '))}`)
}

/** The hosts of this server: its own, and those that proxies tell. Each proxy may add to a list. */
function hostsOf(incoming: Pick<Incoming, 'header'>): string[] {
  const forwarded = incoming.header('x-forwarded-host')?.split(',') ?? []
  return [incoming.header('host') ?? '', ...forwarded]
    .map((host) => host.trim())
    .filter((host) => host !== '')
}

/** In lower case, without the port that the scheme has by default; undefined if it is not a host. */
function normalized(scheme: string, host: string): string | undefined {
  const url = `${scheme}://${host}`
  return /[/\\?#@\s]/.test(host) || !URL.canParse(url) ? undefined : new URL(url).host
}

/** A client may send anything: one refusal must not fill the log. */
function shown(value: string | undefined): string {
  if (!value) return 'unknown'
  return value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value
}

function crossSite(which: string): ReportedError {
  const report = `Refused a write from another origin: ${which}. If that page may write, add its origin to \`trustedOrigins\`; if it is the app's own, let the proxy pass \`Host\` on with its port.`
  return new ReportedError('forbidden', 'The request comes from another site.', { report })
}

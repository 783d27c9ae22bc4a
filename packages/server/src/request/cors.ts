import { HEADERS } from '../http/answers.ts'
import type { Incoming, Outgoing } from '../http/incoming.ts'

/** How long a browser may remember a preflight's answer, in seconds. */
const PREFLIGHT_MAX_AGE = 600

type WithHeaders = Pick<Incoming, 'header'>

/** Lets the pages of trusted origins read an answer. PROTOCOL.md: "Other origins". */
export function withCors(
  outgoing: Outgoing,
  asking: WithHeaders,
  trustedOrigins: readonly string[],
): Outgoing {
  // Without trusted origins, no answer depends on the origin.
  if (trustedOrigins.length === 0) return outgoing
  const origin = trustedOrigin(asking, trustedOrigins)
  return {
    ...outgoing,
    headers: {
      ...outgoing.headers,
      vary: 'Origin',
      ...(origin !== undefined && {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
      }),
    },
  }
}

/** The answer to `OPTIONS`. `authorize` isn't asked: a preflight carries no cookies. */
export function preflightAnswer(
  asking: WithHeaders,
  methods: string,
  trustedOrigins: readonly string[],
): Outgoing {
  const origin = trustedOrigin(asking, trustedOrigins)
  return {
    status: 204,
    headers: {
      ...HEADERS,
      allow: methods,
      ...(origin !== undefined && {
        'access-control-allow-methods': methods,
        // The requested ones: `*` doesn't count for requests with cookies.
        'access-control-allow-headers': asking.header('access-control-request-headers') ?? 'Content-Type',
        'access-control-max-age': String(PREFLIGHT_MAX_AGE),
      }),
    },
    body: '',
  }
}

function trustedOrigin(asking: WithHeaders, trustedOrigins: readonly string[]): string | undefined {
  const origin = asking.header('origin')
  return origin !== undefined && trustedOrigins.includes(origin) ? origin : undefined
}

import { createHash } from 'node:crypto'
import type { ProxyRoute } from '../proxy/route.ts'
import { createToken, isStaticToken } from '../secrets.ts'
import type { Backend } from './backend.ts'

/** For whom a connection is. */
export interface ConnectionUser {
  user?: string | undefined
  auth?: Record<string, unknown> | undefined
}

/** One user's way to a backend: a secret of this user's own, and what the platform vouches for with it. */
export interface Connection extends ProxyRoute {
  readonly backend: Backend
  /** The secret in the connection's URL. */
  readonly token: string
  /** Reaches the backend with the user's requests, and nobody else; null with a static token. */
  readonly secretToken: string | null
}

/** How many connections to one backend are remembered; the oldest are forgotten first. */
const MAX_CONNECTIONS = 10_000

/** The connections to one backend. */
export class Connections {
  /** By the digest of the token: how long a look-up takes then tells nothing about any token. */
  readonly #byDigest = new Map<string, Connection>()

  constructor(private readonly backend: Backend) {}

  /** A user's way to the backend. A static token is everybody's: with it the backend doesn't learn who a user is. */
  open({ user, auth = {} }: ConnectionUser): Connection {
    const { backend } = this
    if (isStaticToken(backend.token))
      return { ...wayTo(backend), token: backend.token, secretToken: null, verifiedHeaders: {} }
    const [token, secretToken] = [createToken(), createToken()]
    const connection: Connection = {
      ...wayTo(backend),
      token,
      secretToken,
      verifiedHeaders: {
        ...(user !== undefined && { 'x-verified-username': user }),
        'x-verified-user-data': JSON.stringify(auth),
        'x-verified-backend': backend.name,
        'x-verified-secret': secretToken,
      },
    }
    this.#byDigest.set(digest(token), connection)
    if (this.#byDigest.size > MAX_CONNECTIONS) {
      for (const oldest of this.#byDigest.keys()) {
        this.#byDigest.delete(oldest)
        break
      }
    }
    return connection
  }

  find(token: string): Connection | undefined {
    return this.#byDigest.get(digest(token))
  }
}

function wayTo(backend: Backend): Pick<Connection, 'backend' | 'ended' | 'enter' | 'whenReady'> {
  return {
    backend,
    ended: backend.ended,
    enter: () => backend.enter(),
    whenReady: (signal) => backend.whenReady(signal),
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

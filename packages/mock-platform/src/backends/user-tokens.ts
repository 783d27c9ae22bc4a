import { hash } from 'node:crypto'
import type { ProxyRoute } from '../proxy/route.ts'
import { createToken, isStaticToken } from '../secrets.ts'

/** The user of a token. */
export interface TokenUser {
  user?: string | undefined
  auth?: Record<string, unknown> | undefined
}

/** A backend to which users have tokens. */
export interface TokenBackend extends ProxyRoute {
  readonly name: string
  /** The secret that all users share; one that is static is every user's token. */
  readonly token: string
}

/** One user's token, and what the platform vouches for if a request carries it. */
export interface UserRoute extends ProxyRoute {
  /** The secret in the user's connection URL. */
  readonly token: string
  /** Reaches the backend with the user's requests, and nobody else; null with a static token. */
  readonly secretToken: string | null
  /** Who it was created for. */
  readonly user: TokenUser
}

/** A user who is connected. */
export interface Person {
  user: string
  /** How many connections of theirs are open. */
  connections: number
}

/** How many tokens for one backend are remembered; the oldest are forgotten first. */
const MAX_TOKENS = 10_000

/** The tokens of one backend's users. */
export class UserTokens {
  /** By the digest of the token, so that the time of a look-up reveals nothing about any token. */
  readonly #byDigest = new Map<string, UserRoute>()
  /** How many connections each user has open. */
  readonly #connections = new Map<string, number>()

  constructor(private readonly backend: TokenBackend) {}

  /**
   * Creates a user's token. With a static token, all users share it, and the platform doesn't tell the
   * backend who they are.
   */
  create(tokenUser: TokenUser): UserRoute {
    const { user, auth = {} } = tokenUser
    const { backend } = this
    if (isStaticToken(backend.token))
      return {
        ...routeTo(backend),
        user: tokenUser,
        token: backend.token,
        secretToken: null,
        verifiedHeaders: {},
      }
    const [token, secretToken] = [createToken(), createToken()]
    const userToken: UserRoute = {
      ...routeTo(backend),
      ...(user !== undefined && { enter: () => this.#enter(user) }),
      user: tokenUser,
      token,
      secretToken,
      verifiedHeaders: {
        ...(user !== undefined && { 'x-verified-username': user }),
        'x-verified-user-data': JSON.stringify(auth),
        'x-verified-backend': backend.name,
        'x-verified-secret': secretToken,
      },
    }
    this.#byDigest.set(digest(token), userToken)
    if (this.#byDigest.size > MAX_TOKENS) {
      for (const oldest of this.#byDigest.keys()) {
        this.#byDigest.delete(oldest)
        break
      }
    }
    return userToken
  }

  /** The users who are connected by a token that names them. */
  get people(): Person[] {
    return Array.from(this.#connections, ([user, connections]) => ({ user, connections }))
  }

  #enter(user: string): () => void {
    const leave = this.backend.enter()
    let inside = true
    this.#connections.set(user, (this.#connections.get(user) ?? 0) + 1)
    return () => {
      leave()
      if (!inside) return
      inside = false
      const left = (this.#connections.get(user) ?? 1) - 1
      if (left > 0) this.#connections.set(user, left)
      else this.#connections.delete(user)
    }
  }

  find(token: string): UserRoute | undefined {
    return this.#byDigest.get(digest(token))
  }
}

function routeTo(backend: TokenBackend): Pick<ProxyRoute, 'ended' | 'enter' | 'spoke' | 'whenReady'> {
  return {
    ended: backend.ended,
    enter: () => backend.enter(),
    spoke: () => backend.spoke(),
    whenReady: (signal) => backend.whenReady(signal),
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64')
}

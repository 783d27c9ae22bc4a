// Who is signed in, and which boards they may open. Runs on the server only.
import { createSessionBackends, jamsocket } from '@session-backend/server'

export const sessionBackends = createSessionBackends({
  // In a function, because there is no platform during a build. Version 2 of the API tells backends who their users are.
  platform: () => jamsocket.fromEnv(process.env, { apiVersion: 2 }),
  authorize({ request, documentId }) {
    const name = nameIn(request.headers.get('cookie'))
    if (name === undefined) return 'unauthenticated'
    // Everybody who is signed in may open every board. The user's name reaches the backend in a header, which must be ASCII.
    return /^[a-z0-9-]{1,40}$/.test(documentId) ? { user: encodeURIComponent(name) } : 'forbidden'
  },
})

/** The cookie with the user's name. An app with accounts keeps a signed session in it. */
export const COOKIE = 'name'

/** The user's name by the request's cookies; `undefined` if nobody is signed in. */
export function nameIn(cookies: string | null | undefined): string | undefined {
  const [, value = ''] = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookies ?? '') ?? []
  try {
    return parseName(decodeURIComponent(value))
  } catch {
    return undefined
  }
}

/** The name that a user typed; `undefined` if it is empty or too long. */
export function parseName(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value.trim() : ''
  return name.length > 0 && name.length <= 30 ? name : undefined
}

/** The address of a board's page. */
export function pageOf(board: unknown): string {
  return typeof board === 'string' ? `/?board=${encodeURIComponent(board)}` : '/'
}

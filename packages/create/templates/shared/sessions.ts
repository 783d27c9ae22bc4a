// Who is signed in, and which boards they may open. Runs on the server only.
import { createSessionBackends, jamsocket } from '@session-backend/server'

/** The cookie that holds the user's name. An app with accounts keeps a signed session here. */
export const COOKIE = 'name'

export const sessionBackends = createSessionBackends({
  // A function, because a build has no environment. The second version of the API tells backends who comes.
  platform: () => jamsocket.fromEnv(process.env, { apiVersion: 2 }),
  authorize({ request, documentId }) {
    const name = nameIn(request.headers.get('cookie'))
    if (name === undefined) return 'unauthenticated'
    // Everybody who is signed in may open each board. The user travels in a header, which is ASCII.
    return /^[a-z0-9-]{1,40}$/.test(documentId) ? { user: encodeURIComponent(name) } : 'forbidden'
  },
})

/** The name of the user whose cookies these are; `undefined` if nobody is signed in. */
export function nameIn(cookies: string | null | undefined): string | undefined {
  const [, value] = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookies ?? '') ?? []
  try {
    return parseName(decodeURIComponent(value ?? ''))
  } catch {
    return undefined
  }
}

/** A name as a user wrote it; `undefined` if it isn't one. */
export function parseName(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value.trim() : ''
  return name.length > 0 && name.length <= 30 ? name : undefined
}

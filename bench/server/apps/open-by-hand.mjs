// @ts-check

const { PLATFORM_URL } = process.env
const HEADERS = { 'Cache-Control': 'private, no-store' }

/**
 * Opens a document without our packages: no retries, no connection pool, nothing shared between requests.
 * @param {string | null | undefined} cookie
 * @param {string} documentId
 * @returns {Promise<{ status: number, headers: Record<string, string>, body: object }>}
 */
export async function openByHand(cookie, documentId) {
  if (!cookie?.includes('session=')) return failure(401, 'unauthenticated')
  const lock = `editor/${documentId}`
  if (lock.length > 128 || /\p{Cc}/u.test(lock)) return failure(400, 'bad_request')
  try {
    const answer = await fetch(`${PLATFORM_URL}/user/acme/service/editor/spawn`, {
      method: 'POST',
      headers: { authorization: 'Bearer sekret', 'content-type': 'application/json' },
      body: JSON.stringify({ lock }),
      signal: AbortSignal.timeout(10_000),
    })
    if (answer.status === 429) return failure(503, 'platform_busy')
    if (!answer.ok) return failure(502, 'platform_error')
    const { name, url, ready_url: readyUrl, status_url: statusUrl, status, spawned } = await answer.json()
    if (typeof name !== 'string' || typeof url !== 'string' || typeof status !== 'string')
      return failure(502, 'platform_error')
    return { status: 200, headers: HEADERS, body: { name, url, readyUrl, statusUrl, status, spawned } }
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError'
    return timedOut ? failure(504, 'platform_timeout') : failure(502, 'platform_error')
  }
}

/**
 * @param {number} status
 * @param {string} code
 */
function failure(status, code) {
  return { status, headers: HEADERS, body: { error: { code } } }
}

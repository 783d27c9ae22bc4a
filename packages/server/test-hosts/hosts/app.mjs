// What every host of the table does: the app's object, a sign-in that sets a header, and a rewrite by tenant.
import { createSessionBackends } from '@session-backend/server'

/** The platform comes from the environment. Who asks is in `x-signed-in`, which only {@link signIn} may set. */
export const sessionBackends = createSessionBackends({
  authorize: ({ request }) => {
    const user = request.headers.get('x-signed-in')
    return user ? { user } : 'unauthenticated'
  },
  terminate: true,
  logger: { error: (details, message) => console.error(message, details) },
})

/** Takes what a client says it is away, and puts the user of its session there. Changes `headers`, which are Node's. */
export function signIn(headers) {
  delete headers['x-signed-in']
  if (headers['x-session']) headers['x-signed-in'] = headers['x-session']
}

/** The same for the Fetch API's headers. */
export function signInFetch(headers) {
  headers.delete('x-signed-in')
  const user = headers.get('x-session')
  if (user) headers.set('x-signed-in', user)
}

/** Where a request goes: `/live/plan` to a stream, and a document to that of the tenant. */
export function rewrite(path, tenant) {
  const live = /^\/live\/([^/?]+)/.exec(path)
  if (live) return `/api/sessions/${live[1]}/status`
  return tenant ? path.replace(/^(\/api\/sessions\/)/, `$1${tenant}--`) : path
}

/** A request of the Fetch API after both. */
export function prepare(request) {
  const url = new URL(request.url)
  url.pathname = rewrite(url.pathname, request.headers.get('x-tenant'))
  const prepared = new Request(url, request)
  signInFetch(prepared.headers)
  return prepared
}

/** Tells the test where the host listens. */
export function ready(port) {
  console.log(`http://127.0.0.1:${port}`)
}

export function listening(server) {
  server.listen(0, '127.0.0.1', () => ready(server.address().port))
}

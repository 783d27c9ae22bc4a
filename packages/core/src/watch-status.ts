import { readText } from './body.ts'
import { createStateParser, parseAnyState, statusStreamUrl } from './state.ts'
import { hasType, type StreamLocation } from './status-stream.ts'
import { type WatchStatusOptions, watchStatusStream } from './watch-status-stream.ts'
import { type BackendState, parseJson } from './wire.ts'

const JSON_TYPE = 'application/json'
const MAX_BODY = 65_536

/**
 * Follows a backend's status until it is terminal. Yields each status once, in order, even if the stream is
 * cut, replayed or silent. PROTOCOL.md: "Following a status stream".
 *
 * Leaving the loop closes the connection. To end the watch while it waits, abort `signal`. If the server
 * answers 204, it has no more events: the iteration then ends, perhaps without a terminal status.
 *
 * It reads the statuses of v1, v2 and Plane.
 *
 * @param url A status stream, or a `status_url`. A `status_url` answers with one status as JSON; its stream
 * ({@link statusStreamUrl}) is then followed.
 * @throws SessionBackendError `invalid_option` if `url` is not a URL; `unauthenticated`, `forbidden`,
 * `not_found` or `gone` if the server answers so; `bad_stream` for another content type, another refusal or a
 * redirect to another origin. Everything else is retried without limit, with a jittered exponential back-off.
 */
export function watchStatus(
  url: string,
  options: WatchStatusOptions = {},
): AsyncGenerator<BackendState, void, void> {
  return watchStatusStream(url, { ...options, ...besideAStatus(url), parse: createStateParser() })
}

/** A `status_url`, and its stream. `url` is either. */
function besideAStatus(url: string): StreamLocation {
  return {
    async open(request) {
      const response = await request(url)
      if (!hasType(response, JSON_TYPE)) return response
      await response.body?.cancel()
      url = statusStreamUrl(url)
      return request(url)
    },
    async readLast(request) {
      const statusUrl = url.replace(/[/-]stream(?=[?#]|$)/, '')
      if (statusUrl === url) return undefined
      const response = await request(statusUrl, JSON_TYPE)
      return parseAnyState(parseJson(await readText(response.body, MAX_BODY)))
    },
  }
}

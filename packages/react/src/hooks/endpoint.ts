import { SessionBackendError } from '@session-backend/core'

/** @throws SessionBackendError `invalid_option` if neither the options nor a provider name an endpoint. */
export function endpointOf(hook: string, { endpoint }: { endpoint?: string | undefined }): string {
  if (endpoint !== undefined) return endpoint
  throw new SessionBackendError(
    'invalid_option',
    `${hook} needs an endpoint: wrap the app in <SessionBackendProvider endpoint="/api/sessions">.`,
  )
}

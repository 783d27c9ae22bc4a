import type { Instance, Observer } from '../runtime/runtime.ts'
import { isStaticToken } from '../secrets.ts'
import type { WarmBackend } from '../services/warm-backend.ts'
import type { Backend } from './backend.ts'

/** The variables of a spawn request. */
type Variables = Readonly<Record<string, string>>

/**
 * What a backend finds in its environment. Specification: "Env vars with these names passed by the user when
 * spawning will be overridden".
 */
export function environmentOf({ name, lock, token, options }: Backend, env: Variables): Variables {
  return {
    ...env,
    JAMSOCKET_SERVICE: options.service,
    SESSION_BACKEND_ID: name,
    SESSION_BACKEND_KEY: lock ?? '',
    SESSION_BACKEND_FENCING_TOKEN: String(options.fencingToken),
    ...(isStaticToken(token) && { SESSION_BACKEND_STATIC_TOKEN: token }),
  }
}

/** Gives a warm backend its document. */
export function assignTo(warm: WarmBackend, backend: Backend, env: Variables) {
  const { name, lock, token, options } = backend
  // The backend may end before the warm process has its document.
  backend.ended.addEventListener('abort', () => warm.kill(), { once: true })
  return (observer: Observer): Instance =>
    warm.assign(
      {
        backend_id: name,
        key: lock ?? null,
        fencing_token: options.fencingToken,
        static_token: isStaticToken(token) ? token : null,
        env: environmentOf(backend, env),
      },
      observer,
    )
}

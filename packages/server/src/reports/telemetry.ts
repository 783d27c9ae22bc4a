import type { Attributes, Tracer } from '@opentelemetry/api'
import { SessionBackendError } from '@session-backend/core'
import type { Action } from '../common/document.ts'

interface Telemetry {
  api: typeof import('@opentelemetry/api')
  tracer: Tracer
}

let loading: Promise<Telemetry | undefined> | undefined
let loaded: Telemetry | undefined

/** The API, if the app has installed it: it is an optional peer dependency. */
async function load(): Promise<Telemetry | undefined> {
  try {
    const api = await import('@opentelemetry/api')
    loaded = { api, tracer: api.trace.getTracer('@session-backend/server') }
  } catch {
    // Not installed: no traces.
  }
  return loaded
}

/** Runs a user's action in its own span. */
export function tracedAction<T>(action: Action, documentId: string, work: () => Promise<T>): Promise<T> {
  return traced(`session-backend ${action}`, { 'session_backend.document': documentId }, work)
}

/**
 * Runs work in an OpenTelemetry span, if `@opentelemetry/api` is installed and a tracer is set up. The span
 * of a failure has its code. No attribute holds a URL, a lock or a token.
 */
export function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (loaded) return inSpan(loaded, name, attributes, work)
  loading ??= load()
  return loading.then((telemetry) => (telemetry ? inSpan(telemetry, name, attributes, work) : work()))
}

function inSpan<T>(
  { api, tracer }: Telemetry,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, { attributes })
  // The app has not set up a tracer.
  if (!api.isSpanContextValid(span.spanContext())) return work()
  return api.context.with(api.trace.setSpan(api.context.active(), span), async () => {
    try {
      return await work()
    } catch (error) {
      const code = error instanceof SessionBackendError ? error.code : 'internal'
      span.setAttribute('error.type', code)
      if (!(error instanceof SessionBackendError) || error.status >= 500) {
        span.setStatus({ code: api.SpanStatusCode.ERROR, message: code })
      }
      throw error
    } finally {
      span.end()
    }
  })
}

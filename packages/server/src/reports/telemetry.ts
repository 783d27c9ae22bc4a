import type { Attributes, Context, Tracer } from '@opentelemetry/api'
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

/** Runs a user's action in its own span. Its parent is the active span, or else the page's. */
export function tracedAction<T>(
  action: Action,
  documentId: string,
  traceparent: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return traced(`session-backend ${action}`, { 'session_backend.document': documentId }, work, traceparent)
}

/**
 * Runs work in an OpenTelemetry span, if `@opentelemetry/api` is installed and a tracer is set up. The span
 * of a failure has its code. No attribute holds a URL, a lock or a token.
 */
export function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  traceparent?: string,
): Promise<T> {
  if (loaded) return inSpan(loaded, name, attributes, work, traceparent)
  loading ??= load()
  return loading.then((telemetry) =>
    telemetry ? inSpan(telemetry, name, attributes, work, traceparent) : work(),
  )
}

/** The `traceparent` of the active span, if there is one. */
export function activeTraceparent(): string | undefined {
  if (!loaded) return undefined
  const { api } = loaded
  const span = api.trace.getSpanContext(api.context.active())
  if (!span || !api.isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}

/** The active context. If no span is active in it, the page's is. */
function contextOf(api: Telemetry['api'], traceparent: string | undefined): Context {
  const active = api.context.active()
  if (traceparent === undefined || api.trace.getSpanContext(active)) return active
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16)
  return api.trace.setSpanContext(active, { traceId, spanId, traceFlags, isRemote: true })
}

function inSpan<T>(
  { api, tracer }: Telemetry,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  traceparent: string | undefined,
): Promise<T> {
  const context = contextOf(api, traceparent)
  const span = tracer.startSpan(name, { attributes }, context)
  // The app has not set up a tracer.
  if (!api.isSpanContextValid(span.spanContext())) return work()
  return api.context.with(api.trace.setSpan(context, span), async () => {
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

import type { Attributes, Context, Tracer } from '@opentelemetry/api'
import { type Session, SessionBackendError } from '@session-backend/core'
import type { Action } from '../common/document.ts'
import { codeOf, measure } from './metrics.ts'
import { type OpenTelemetry, openTelemetry, withOpenTelemetry } from './open-telemetry.ts'

/** What a user wants, where, and in which trace. */
export interface ActionContext {
  action: Action
  documentId: string
  service: string
  /** The page's, if it sent one. */
  traceparent: string | undefined
}

/** Runs a user's action in its own span. Its parent is the active span, or else the page's. */
export function tracedAction<T>(
  { action, documentId, service, traceparent }: ActionContext,
  work: () => Promise<T>,
): Promise<T> {
  const attributes = { 'session_backend.service': service, 'session_backend.action': action }
  return traced(
    `session-backend ${action}`,
    { 'session_backend.document': documentId },
    () => measure('requests', attributes, work),
    traceparent,
  )
}

/** Runs a call to the platform in its own span. */
export function tracedCall(
  name: 'spawn' | 'fetch',
  service: string,
  work: () => Promise<Session>,
): Promise<Session> {
  const attributes = { 'session_backend.service': service }
  const outcome = ({ spawned }: Session) => ({ 'session_backend.spawned': spawned })
  return traced(`session-backend platform ${name}`, {}, () =>
    name === 'spawn' ? measure('spawns', attributes, work, outcome) : work(),
  )
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
  return withOpenTelemetry((api) => (api ? inSpan(api, name, attributes, work, traceparent) : work()))
}

/** The `traceparent` of the active span, if there is one. */
export function activeTraceparent(): string | undefined {
  const api = openTelemetry()
  const span = api?.trace.getSpanContext(api.context.active())
  if (!api || !span || !api.isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}

/** The active context. If no span is active in it, the page's is. */
function contextOf(api: OpenTelemetry, traceparent: string | undefined): Context {
  const active = api.context.active()
  if (traceparent === undefined || api.trace.getSpanContext(active)) return active
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16)
  return api.trace.setSpanContext(active, { traceId, spanId, traceFlags, isRemote: true })
}

let tracer: Tracer | undefined

function inSpan<T>(
  api: OpenTelemetry,
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  traceparent: string | undefined,
): Promise<T> {
  const context = contextOf(api, traceparent)
  tracer ??= api.trace.getTracer('@session-backend/server')
  const span = tracer.startSpan(name, { attributes }, context)
  // The app has not set up a tracer.
  if (!api.isSpanContextValid(span.spanContext())) return work()
  return api.context.with(api.trace.setSpan(context, span), async () => {
    try {
      return await work()
    } catch (error) {
      const code = codeOf(error)
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

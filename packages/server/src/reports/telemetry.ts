import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import { SessionBackendError } from '@session-backend/core'
import type { Action } from '../request/authorize.ts'

type OpenTelemetry = typeof import('@opentelemetry/api')

let loading: Promise<OpenTelemetry | undefined> | undefined
let loaded: OpenTelemetry | undefined

/** The API where the app has installed it; it is an optional peer dependency. */
async function load(): Promise<OpenTelemetry | undefined> {
  try {
    loaded = await import('@opentelemetry/api')
  } catch {
    // Not installed: there is nothing to trace to.
  }
  return loaded
}

/** Runs what a user asked for in a span of its own. */
export function tracedAction<T>(action: Action, documentId: string, work: () => Promise<T>): Promise<T> {
  return traced(`session-backend ${action}`, { 'session_backend.document': documentId }, work)
}

/**
 * Runs a piece of work in an OpenTelemetry span, where `@opentelemetry/api` is installed and a tracer is set up. A failure is
 * noted by its code. No attribute holds a URL, a lock or a token.
 */
export async function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  loading ??= load()
  const api = loaded ?? (await loading)
  if (!api) return work()
  const tracer: Tracer = api.trace.getTracer('@session-backend/server')
  return tracer.startActiveSpan(name, { attributes }, async (span: Span) => {
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

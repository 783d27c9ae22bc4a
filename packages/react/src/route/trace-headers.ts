/** The headers of a request that begins a trace. A type, because an interface is no `HeadersInit`. */
export type TraceHeaders = {
  traceparent: string
  baggage: string
}

/**
 * Begins a trace at the page. Pass it as `headers`, or spread its result into the headers that you return. Each
 * call begins another trace, which is marked as sampled. PROTOCOL.md: "Traces".
 *
 * @param click When the user asked for the document, in ms since the epoch. Default: now.
 */
export function traceHeaders(click = Date.now()): TraceHeaders {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  const ids = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return {
    traceparent: `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`,
    baggage: `session-backend.click=${Math.round(click)}`,
  }
}

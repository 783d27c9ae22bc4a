import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { SessionBackendError } from '@session-backend/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createApp, POST } from '../support/backends.ts'
import { fakePlatform, sessionOf } from '../support/fake-platform.ts'

const exporter = new InMemorySpanExporter()

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  )
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
beforeEach(() => exporter.reset())
afterAll(() => {
  trace.disable()
  context.disable()
})

const spans = () => exporter.getFinishedSpans()

describe('OpenTelemetry spans', () => {
  it('show what a user asked for, and below it the call to the platform', async () => {
    await createApp().send('/doc', POST)
    const [call, action] = spans()
    expect([call?.name, action?.name]).toEqual(['session-backend platform spawn', 'session-backend open'])
    expect(call?.parentSpanContext?.spanId).toBe(action?.spanContext().spanId)
    expect(action?.attributes).toEqual({ 'session_backend.document': 'doc' })
    expect(action?.status.code).toBe(SpanStatusCode.UNSET)
  })

  it('show it of `connect` too', async () => {
    await createApp().connect('doc', { request: new Request('http://app.test/') })
    expect(spans().map(({ name }) => name)).toEqual([
      'session-backend platform spawn',
      'session-backend open',
    ])
  })

  it('continue the trace of the page, as far as the environment of the backend', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const app = createApp()
    await app.send('/doc', { ...POST, headers: { traceparent } })
    const [call, action] = spans()
    expect(action?.parentSpanContext).toMatchObject({ spanId: '00f067aa0ba902b7', isRemote: true })
    const { traceId, spanId } = call?.spanContext() ?? {}
    expect(traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
    const env = { TRACEPARENT: `00-${traceId}-${spanId}-01` }
    expect(app.platform.calls).toMatchObject([{ request: { env } }])
    // The instrumentation of undici adds the header, and doesn't look whether there is one.
    expect(app.platform.traces).toEqual([{ baggage: expect.any(String) }])
  })

  it('are below a span of the app that is active, and not below the one that the page names', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const ofTheApp = trace.getTracer('app').startSpan('POST')
    await context.with(trace.setSpan(context.active(), ofTheApp), () =>
      createApp().send('/doc', { ...POST, headers: { traceparent } }),
    )
    expect(spans().map((span) => span.spanContext().traceId)).toEqual(
      Array(2).fill(ofTheApp.spanContext().traceId),
    )
  })

  it('have the code of a failure; what is no defect of ours is no error', async () => {
    const failure = new SessionBackendError('platform_timeout', 'sekret')
    await createApp({ platform: fakePlatform({ spawn: () => Promise.reject(failure) }) }).send('/doc', POST)
    await createApp({ authorize: () => null }).send('/doc', POST)
    expect(spans().map(({ attributes, status }) => [attributes['error.type'], status])).toEqual([
      ['platform_timeout', { code: SpanStatusCode.ERROR, message: 'platform_timeout' }],
      ['platform_timeout', { code: SpanStatusCode.ERROR, message: 'platform_timeout' }],
      ['forbidden', { code: SpanStatusCode.UNSET }],
    ])
  })

  it('hold no URL, lock or token, and nothing that the platform said', async () => {
    const failure = new Error('sekret-in-message', { cause: { url: 'https://sekret-in-cause/' } })
    const app = createApp({
      lock: ({ documentId }) => `sekret-in-lock/${documentId}`,
      spawn: () => ({ env: { TOKEN: 'sekret-in-env' } }),
    })
    await app.send('/doc', { ...POST, headers: { authorization: 'Bearer sekret-in-header' } })
    const broken = fakePlatform({
      spawn: () => Promise.reject(failure),
      fetch: async () => sessionOf('sekret-in-name'),
    })
    const other = createApp({ platform: broken })
    await other.send('/doc', POST)
    await other.send('/doc')
    const written = spans().map(({ name, attributes, events, status }) => ({
      name,
      attributes,
      events,
      status,
    }))
    expect(written.length).toBe(6)
    expect(JSON.stringify(written)).not.toContain('sekret')
  })
})

describe('an app without OpenTelemetry', () => {
  it('is served all the same, from the first request on', async () => {
    vi.doMock('@opentelemetry/api', () => {
      throw new Error('It is not installed.')
    })
    vi.resetModules()
    onTestFinished(() => {
      vi.doUnmock('@opentelemetry/api')
    })
    const { traced } = await import('../../src/reports/telemetry.ts')
    const work = async () => 'done'
    expect([await traced('first', {}, work), await traced('second', {}, work)]).toEqual(['done', 'done'])
    const failure = new Error('of the work')
    await expect(traced('third', {}, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(spans()).toEqual([])
  })
})

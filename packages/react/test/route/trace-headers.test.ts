import { parseOpeningTimes, parseTraceparent } from '@session-backend/core/internal'
import { describe, expect, it } from 'vitest'
import { requestSession } from '../../src/route/request-session.ts'
import { traceHeaders } from '../../src/route/trace-headers.ts'

const SESSION = {
  ...{ name: 'b1', url: 'http://b1.test/', readyUrl: 'http://b1.test/r', statusUrl: 'http://b1.test/s' },
  ...{ status: 'Ready', spawned: true },
}

describe('traceHeaders', () => {
  it('begin another valid trace with each call, at this moment', () => {
    const began = Date.now()
    const [one, other] = [traceHeaders(), traceHeaders()]
    expect(parseTraceparent(one.traceparent)).toBe(one.traceparent)
    expect(one.traceparent.slice(3, 35)).not.toBe(other.traceparent.slice(3, 35))
    const { click = 0 } = parseOpeningTimes(one.baggage)
    expect(click).toBeGreaterThanOrEqual(began)
    expect(click).toBeLessThanOrEqual(Date.now())
  })

  it('take the time of an event, which has fractions', () => {
    expect(parseOpeningTimes(traceHeaders(1767268800000.25).baggage)).toEqual({ click: 1767268800000 })
  })

  it('are sent with the request for a session if they are its `headers`', async () => {
    const sent: Headers[] = []
    await requestSession(
      {
        endpoint: '/api/sessions',
        documentId: 'doc',
        signal: new AbortController().signal,
        headers: traceHeaders,
        fetch: async (_, init) => {
          sent.push(new Headers(init?.headers))
          return Response.json(SESSION)
        },
      },
      'POST',
    )
    expect(parseTraceparent(sent[0]?.get('traceparent'))).toBeDefined()
    expect(sent[0]?.get('baggage')).toMatch(/^session-backend\.click=\d{13}$/)
  })
})

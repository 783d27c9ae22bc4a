import { describe, expect, it, vi } from 'vitest'
import { ended, event, status, stream } from '../support/stream-server.ts'
import { STATES, serve, WHOLE, watch } from '../support/watch.ts'

describe('the wait before the next connection', () => {
  // Defect 2: a platform that answered 500 got 368 requests a second.
  it.each([500, 502, 503, 408])(
    'grows, without an attempt limit, while the server answers %i',
    async (code) => {
      const server = await serve(status(code))
      const { clock, controller, problems } = watch(server.url)
      const waits: number[] = []
      for (let attempt = 0; attempt < 10; attempt++) waits.push(await clock.passOneWait())
      expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
      expect(problems).toContainEqual(expect.objectContaining({ code: 'platform_error', status: code }))
      controller.abort()
    },
  )

  it('has a jitter of a half', async () => {
    const server = await serve(status(500))
    const { clock, controller } = watch(server.url, { random: () => 0.5 })
    expect([await clock.passOneWait(), await clock.passOneWait()]).toEqual([375, 750])
    controller.abort()
  })

  it('starts over once a stream has lasted 10 s, and no sooner', async () => {
    const cuts: (() => void)[] = []
    const server = await serve((response, request) => {
      stream(event('Loading'))(response, request)
      cuts.push(() => response.end())
    })
    let accepted = 0
    const fetch: typeof globalThis.fetch = async (...request) => {
      const response = await globalThis.fetch(...request)
      accepted++
      return response
    }
    const { clock, controller } = watch(server.url, { fetch })
    const waits: number[] = []
    for (const lasted of [0, 9999, 10_000, 0]) {
      await vi.waitFor(() => expect(accepted).toBe(waits.length + 1))
      clock.advance(lasted)
      cuts.shift()?.()
      waits.push(await clock.passOneWait())
    }
    expect(waits).toEqual([500, 1000, 500, 1000])
    controller.abort()
  })

  it('grows from there, however healthy an earlier stream was', async () => {
    let end = () => {}
    const server = await serve((response, request) => {
      stream(event('Loading'))(response, request)
      end = () => response.end()
    }, status(503))
    const { clock, controller, states } = watch(server.url)
    await vi.waitFor(() => expect(states).toEqual(['Loading']))
    clock.advance(10_000)
    end()
    expect([await clock.passOneWait(), await clock.passOneWait(), await clock.passOneWait()]).toEqual([
      500, 1000, 2000,
    ])
    controller.abort()
  })

  it.each([
    ['0', 500],
    ['1500', 1500],
    ['3600000', 30_000],
  ])('starts at retry: %s, within 0.5 to 30 s', async (retry, first) => {
    const server = await serve(ended(`retry: ${retry}\n\n`), ended())
    const { clock, controller } = watch(server.url)
    expect(await clock.passOneWait()).toBe(first)
    expect(await clock.passOneWait()).toBe(Math.min(first * 2, 30_000))
    controller.abort()
  })

  it('grows too when the server repeats its retry field on each connection that it cuts', async () => {
    const server = await serve(ended('retry: 1000\n\n'))
    const { clock, controller } = watch(server.url)
    const waits = [await clock.passOneWait(), await clock.passOneWait(), await clock.passOneWait()]
    expect(waits).toEqual([1000, 2000, 4000])
    controller.abort()
  })

  // Defect 13: Retry-After was thrown away.
  it.each([
    ['in seconds', '7', 7000],
    ['as a date', 'Thu, 01 Jan 2026 12:00:20 GMT', 20_000],
    ['at most 60 s', '86400', 60_000],
    ['at most 60 s as a date', 'Fri, 02 Jan 2026 12:00:00 GMT', 60_000],
    ['and never less than the back-off', '0', 500],
    ['or the back-off where it is unreadable', 'soon', 500],
  ])('is Retry-After at 429: %s', async (_how, value, expected) => {
    const server = await serve(status(429, { 'retry-after': value }), stream(WHOLE))
    const { clock, done } = watch(server.url)
    expect(await clock.passOneWait()).toBe(expected)
    expect(await done).toEqual(STATES)
  })
})

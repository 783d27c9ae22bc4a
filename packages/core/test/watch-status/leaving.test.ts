import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { watchStatus } from '../../src/index.ts'
import { type Answer, event, status, stream } from '../support/stream-server.ts'
import { nothingIsLeft, serve, WHOLE, watch } from '../support/watch.ts'
import { WatchClock } from '../support/watch-clock.ts'

describe('leaving', () => {
  const reason = new Error('left')

  it('by the signal before the start makes no request', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    const watching = watchStatus('http://localhost/', { fetch, signal: AbortSignal.abort(reason) })
    await expect(watching.next()).rejects.toBe(reason)
    expect(fetch).not.toHaveBeenCalled()
  })

  // Defects 5, 8 and 11: leaving during the first request, or between two, left streams and timers open.
  it.each<[string, Answer, Partial<Record<'requests' | 'states' | 'problems', number>>]>([
    ['the request', () => {}, { requests: 1 }],
    ['the stream', stream(event('Loading')), { states: 1 }],
    ['a line', stream(event('Loading'), 'data: {'), { states: 1 }],
    ['the wait', status(503), { problems: 1 }],
    ['the wait after 429', status(429, { 'retry-after': '60' }), { problems: 1 }],
    [
      'the request for the status',
      (response, request) => request.url?.endsWith('stream') && status(204)(response, request),
      { requests: 2 },
    ],
  ])('by the signal during %s leaves no socket, timer or listener', async (_phase, answer, reached) => {
    const server = await serve(answer)
    const { clock, controller, signal, done, states, problems } = watch(server.url)
    const { requests } = server
    const seen = { requests, states, problems }
    await vi.waitFor(() => {
      for (const [what, length] of Object.entries(reached)) expect(seen).toMatchObject({ [what]: { length } })
      expect(clock.waits).toHaveLength(1)
    })
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    expect(problems).toHaveLength(reached.problems ?? 0)
    await nothingIsLeft(server, clock, signal)
  })

  it('by the signal while a status is handled yields no more statuses', async () => {
    const server = await serve(stream(WHOLE))
    const clock = new WatchClock()
    const controller = new AbortController()
    const states: string[] = []
    const run = async () => {
      for await (const { state } of watchStatus(server.url, { clock, signal: controller.signal })) {
        states.push(state)
        controller.abort(reason)
      }
    }
    await expect(run()).rejects.toBe(reason)
    expect(states).toEqual(['Loading'])
    await nothingIsLeft(server, clock, controller.signal)
  })

  it('by leaving the loop cancels the request', async () => {
    const server = await serve(stream(event('Loading')))
    const clock = new WatchClock()
    const { signal } = new AbortController()
    for await (const _state of watchStatus(server.url, { clock, signal })) break
    await nothingIsLeft(server, clock, signal)
  })

  it('by an error in the loop cancels the request, and passes the error on', async () => {
    const server = await serve(stream(event('Loading')))
    const clock = new WatchClock()
    const run = async () => {
      for await (const _state of watchStatus(server.url, { clock })) throw reason
    }
    await expect(run()).rejects.toBe(reason)
    await nothingIsLeft(server, clock)
  })

  it('many times leaves no listener on the signal', async () => {
    const server = await serve(stream(event('Loading')))
    const { signal } = new AbortController()
    for (let time = 0; time < 50; time++) {
      for await (const _state of watchStatus(server.url, { signal })) break
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})

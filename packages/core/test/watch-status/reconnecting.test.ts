import { describe, expect, it, vi } from 'vitest'
import { watchStatus } from '../../src/index.ts'
import { HEARTBEAT } from '../../src/internal.ts'
import { ended, event, reset, stream } from '../support/stream-server.ts'
import { STATES, serve, WHOLE, watch } from '../support/watch.ts'
import { WatchClock } from '../support/watch-clock.ts'

describe('a stream that is cut', () => {
  // PROTOCOL.md, "Following a status stream": "The end of a stream is not the end of the backend".
  it('is connected to again, after the last event that was received', async () => {
    const server = await serve(ended(event('Loading', '1'), event('Starting', '2')), stream(WHOLE))
    const { clock, done, problems } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests[0]?.headers['last-event-id']).toBeUndefined()
    expect(server.requests[1]?.headers['last-event-id']).toBe('2')
    expect(problems).toEqual([expect.objectContaining({ code: 'platform_error' })])
  })

  // PROTOCOL.md: "If a stream has ended without an event".
  it('is asked for everything again if it ended without an event: a server that was restarted counts from the start', async () => {
    const server = await serve(ended(event('Loading', '1'), event('Starting', '2')), ended(), stream(WHOLE))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      '2',
      undefined,
    ])
  })

  it('loses the event that was cut, and gets it again', async () => {
    const server = await serve(ended(event('Loading'), event('Ready').slice(0, -1)), stream(WHOLE))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
  })

  // Defect 3: a dropped socket was an unhandled rejection, and the end of the watch.
  it('reconnects after a reset at any time', async () => {
    const server = await serve(
      reset,
      (response, request) => {
        stream(event('Loading'))(response, request)
        setImmediate(() => reset(response, request))
      },
      stream(WHOLE),
    )
    const { clock, done, problems } = watch(server.url)
    await clock.passOneWait()
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(problems).toHaveLength(2)
  })

  it('reconnects if there is no server at first', async () => {
    const server = await serve(stream(WHOLE))
    await server.close()
    const { clock, problems, controller, done } = watch(server.url)
    expect([await clock.passOneWait(), await clock.passOneWait()]).toEqual([500, 1000])
    expect(problems).toHaveLength(2)
    controller.abort('enough')
    await expect(done).rejects.toBe('enough')
  })

  it.each([
    ['has a NUL', '2\0', '1'],
    ['is empty', '', undefined],
    ['no header can carry', '世界', undefined],
    ['is longer than a header should be', 'x'.repeat(300), undefined],
  ])('keeps an id that %s to itself', async (_why, id, expected) => {
    const bad = `id: ${id}\n${event('Starting')}`
    const server = await serve(ended(event('Loading', '1'), bad), stream(WHOLE))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests[1]?.headers['last-event-id']).toBe(expected)
  })

  it('with a line over 64 KiB is given up and connected to again', async () => {
    const server = await serve(stream(event('Loading'), `data: ${'x'.repeat(70_000)}`), stream(WHOLE))
    const { clock, done, problems } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(problems).toEqual([expect.objectContaining({ code: 'payload_too_large' })])
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})

describe('a stream that is silent', () => {
  // PROTOCOL.md: "closes a stream after 45 s without a byte".
  it('is given up after 45 s', async () => {
    const server = await serve(stream(event('Loading')), stream(WHOLE))
    const { clock, done, problems, states } = watch(server.url)
    await vi.waitFor(() => expect(states).toEqual(['Loading']))
    await clock.listening()
    clock.advance(44_999)
    expect(server.open.size).toBe(1)
    clock.advance(1)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(problems).toEqual([expect.objectContaining({ code: 'platform_timeout' })])
  })

  it('is kept as long as there are heartbeats', async () => {
    let beat = () => {}
    const server = await serve((response, request) => {
      stream(event('Loading'))(response, request)
      beat = () => response.write(HEARTBEAT)
    })
    const { clock, controller, states } = watch(server.url)
    const restarted = vi.spyOn(clock, 'after')
    await vi.waitFor(() => expect(states).toEqual(['Loading']))
    for (let minute = 0; minute < 5; minute++) {
      await clock.listening()
      clock.advance(40_000)
      const before = restarted.mock.calls.length
      beat()
      await vi.waitFor(() => expect(restarted.mock.calls.length).toBeGreaterThan(before))
    }
    expect(server.requests).toHaveLength(1)
    controller.abort()
  })

  it('is given up as well when the server takes the request and never answers', async () => {
    const server = await serve(() => {}, stream(WHOLE))
    const { clock, done } = watch(server.url)
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    clock.advance(45_000)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
  })

  it('is not a stream whose reader is slow', async () => {
    const server = await serve(stream(WHOLE))
    const clock = new WatchClock()
    const states: string[] = []
    for await (const { state } of watchStatus(server.url, { clock })) {
      states.push(state)
      expect(clock.waits).toEqual([])
      clock.advance(1_000_000)
    }
    expect(states).toEqual(STATES)
    expect(server.requests).toHaveLength(1)
  })
})

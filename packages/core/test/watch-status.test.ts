import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  BACKEND_STATUSES,
  type BackendStatus,
  encodeEvent,
  HEARTBEAT,
  isTerminal,
  type WatchStatusOptions,
  watchStatus,
} from '../src/index.ts'
import { bodyOf, byteByByte, bytes, cut } from './support/bytes.ts'
import {
  type Answer,
  ended,
  event,
  json,
  reset,
  type StreamServer,
  startStreamServer,
  status,
  stream,
} from './support/stream-server.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const WHOLE = event('Loading', '1') + event('Starting', '2') + event('Ready', '3') + event('Swept', '4')
const STATES = ['Loading', 'Starting', 'Ready', 'Swept']

const servers: StreamServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(...answers: [Answer, ...Answer[]]): Promise<StreamServer> {
  const server = await startStreamServer(...answers)
  servers.push(server)
  return server
}

/** Watches until the end, and collects what is told on the way. */
function watch(url: string, options: WatchStatusOptions = {}) {
  const clock = new VirtualClock()
  const states: BackendStatus[] = []
  const problems: unknown[] = []
  const controller = new AbortController()
  const { signal } = controller
  const run = async () => {
    const onProblem = (problem: unknown) => problems.push(problem)
    for await (const { state } of watchStatus(url, {
      clock,
      random: () => 1,
      signal,
      onProblem,
      ...options,
    })) {
      states.push(state)
    }
    return states
  }
  const done = run()
  // Tests look at the outcome when they have seen what comes before it.
  done.catch(() => {})
  return { clock, states, problems, controller, signal, done }
}

/** Expects that a watch has let go of everything. */
async function nothingIsLeft(server: StreamServer, clock: VirtualClock, signal?: AbortSignal) {
  await vi.waitFor(() => expect(server.open.size).toBe(0))
  expect(clock.pending).toEqual([])
  if (signal) expect(getEventListeners(signal, 'abort')).toEqual([])
}

describe('following a stream', () => {
  it('tells every step forward, and ends after a terminal status', async () => {
    const server = await serve(stream(WHOLE))
    const { done, clock, signal, problems } = watch(server.url)
    expect(await done).toEqual(STATES)
    expect(problems).toEqual([])
    await nothingIsLeft(server, clock, signal)
  })

  it('hands on the time and the name of the backend', async () => {
    const server = await serve(stream(event('Exited')))
    for await (const state of watchStatus(server.url)) {
      expect(state).toEqual({ state: 'Exited', time: '2026-01-01T12:00:00.000Z', backend: '8nyg2' })
    }
  })

  it('asks for an event stream, with the headers that it was given', async () => {
    const server = await serve(stream(WHOLE))
    await watch(server.url, { headers: { authorization: 'Bearer t' } }).done
    expect(server.requests[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer t',
    })
  })

  it('passes on whether cookies go to another origin', async () => {
    const fetch = vi.fn(async () => new Response(WHOLE, { headers: { 'content-type': 'text/event-stream' } }))
    await watch('http://localhost/status/stream', { fetch, credentials: 'include' }).done
    expect(fetch).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ credentials: 'include' }))
  })

  it('does no I/O before the iteration begins', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    watchStatus('http://localhost/', { fetch })
    expect(fetch).not.toHaveBeenCalled()
  })

  // Defect 1 of the official SDK: a status cut across two chunks was lost for good.
  it('reads a stream that arrives byte by byte, with a byte order mark and CR for line ends', async () => {
    const whole = bytes(`\uFEFF${WHOLE.replaceAll('\n', '\r')}`)
    const server = await serve(async (response, request) => {
      stream()(response, request)
      for (const byte of byteByByte(whole))
        await new Promise<void>((sent) => response.write(byte, () => sent()))
    })
    expect(await watch(server.url).done).toEqual(STATES)
  })

  it('tells the same however duplicated, replayed, reordered and cut', async () => {
    const rank = (state: BackendStatus) => Math.min(BACKEND_STATUSES.indexOf(state), 3)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...BACKEND_STATUSES), { maxLength: 12 }),
        fc.array(fc.nat({ max: 2000 }), { maxLength: 10 }),
        fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
        async (sent, cuts, connections) => {
          const ends = connections.sort((a, b) => a - b)
          const bodies = [...ends, sent.length].map((end) => {
            const text = sent.slice(0, end).map((state) => event(state))
            return cut(bytes(text.join('')), cuts)
          })
          bodies.push([bytes(event('Lost'))])
          const fetch = async () =>
            new Response(bodyOf(bodies.shift() ?? []), { headers: { 'content-type': 'text/event-stream' } })
          const clock = {
            now: () => 0,
            after: (ms: number, callback: () => void) => {
              if (ms < 45_000) queueMicrotask(callback)
              return () => {}
            },
          }
          const shown = await watch('http://localhost/', { fetch, clock }).done
          expect(shown.map(rank)).toEqual([...new Set(shown.map(rank))].sort())
          expect(shown.filter(isTerminal)).toEqual([sent.find(isTerminal) ?? 'Lost'])
        },
      ),
    )
  })
})

describe('the address', () => {
  it('may be a status_url, which answers with one status as JSON: the stream is below it', async () => {
    const server = await serve(json('Ready'), ended(event('Loading', '1')), stream(WHOLE))
    const { done, clock } = watch(server.url.replace('/stream', ''))
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status',
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status/stream',
    ])
  })

  it.each([
    ['/status?token=a/b', '/status/stream?token=a/b'],
    ['/status/', '/status/stream'],
    ['/status#part', '/status/stream'],
  ])('%s has its stream at %s', async (path, expected) => {
    const server = await serve(json('Ready'), stream(WHOLE))
    await watch(new URL(path, server.url).href).done
    expect(server.requests[1]?.url).toBe(expected)
  })

  it('is let go of, however much more it would say', async () => {
    const endless: Answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
    const server = await serve(endless, stream(event('Loading')))
    const { controller, states } = watch(server.url)
    await vi.waitFor(() => expect(states).toEqual(['Loading']))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    controller.abort()
  })

  it('is looked for once: a server with JSON everywhere is no status stream', async () => {
    const server = await serve(json('Ready'))
    await expect(watch(server.url).done).rejects.toMatchObject({ code: 'bad_stream' })
    expect(server.requests).toHaveLength(2)
  })

  it('may be the app’s own route, whatever it is called', async () => {
    const server = await serve(ended(event('Loading', '1')), stream(WHOLE))
    const { done, clock } = watch(new URL('/api/sessions/a%20b/status', server.url).href)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(server.requests.map(({ url }) => url)).toEqual(Array(2).fill('/api/sessions/a%20b/status'))
  })

  it.each(['', '/api/status', 'http://'])(
    'is refused when it is %j: a relative one needs a page',
    async (url) => {
      await expect(watch(url).done).rejects.toMatchObject({ code: 'invalid_option' })
    },
  )
})

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

  it('loses the event that was cut, and gets it again', async () => {
    const server = await serve(ended(event('Loading'), event('Ready').slice(0, -1)), stream(WHOLE))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
  })

  // Defect 3: a dropped socket was an unhandled rejection, and the end of the watch.
  it('may be reset at any time', async () => {
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

  it('may have a server that is not there at all', async () => {
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
  // PROTOCOL.md: "gives a stream up after 45 s without a byte".
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

  it('is not one whose reader takes its time', async () => {
    const server = await serve(stream(WHOLE))
    const clock = new VirtualClock()
    const states: string[] = []
    for await (const { state } of watchStatus(server.url, { clock })) {
      states.push(state)
      expect(clock.pending).toEqual([])
      clock.advance(1_000_000)
    }
    expect(states).toEqual(STATES)
    expect(server.requests).toHaveLength(1)
  })
})

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

describe('a server that refuses', () => {
  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [410, 'gone'],
    [400, 'bad_stream'],
  ])('with %i ends the watch with %s, at once', async (code, expected) => {
    const server = await serve(status(code, {}, 'a secret of the server'))
    const { clock, done, signal } = watch(server.url)
    await expect(done).rejects.toMatchObject({
      name: 'SessionBackendError',
      code: expected,
      status: code,
      message: expect.not.stringContaining('secret'),
    })
    expect(server.requests).toHaveLength(1)
    await nothingIsLeft(server, clock, signal)
  })

  it('ends it on a later connection too', async () => {
    const server = await serve(ended(event('Ready')), status(404))
    const { clock, done, states } = watch(server.url)
    await clock.passOneWait()
    await expect(done).rejects.toMatchObject({ code: 'not_found' })
    expect(states).toEqual(['Ready'])
  })

  it.each(['text/html', 'text/event-stream-ish', ''])(
    'ends it with another content type: %j',
    async (type) => {
      const server = await serve((response) => {
        response.writeHead(200, type === '' ? {} : { 'content-type': type }).write(WHOLE)
      })
      const { clock, done, signal } = watch(server.url)
      await expect(done).rejects.toMatchObject({ code: 'bad_stream' })
      await nothingIsLeft(server, clock, signal)
    },
  )

  it.each([200, 503])('ends it with a redirect to another origin that answers %i', async (code) => {
    const elsewhere = await serve(code === 200 ? stream(WHOLE) : status(code))
    const server = await serve(status(302, { location: elsewhere.url }))
    const { clock, done, states } = watch(server.url)
    await expect(done).rejects.toMatchObject({ code: 'bad_stream' })
    expect(states).toEqual([])
    await nothingIsLeft(elsewhere, clock)
  })

  it('may redirect within its origin', async () => {
    const server = await serve(status(307, { location: '/elsewhere' }), stream(WHOLE))
    expect(await watch(server.url).done).toEqual(STATES)
  })
})

describe('a server that has no more to say (204)', () => {
  it('is asked for the status once, and the watch ends', async () => {
    const server = await serve(status(204), json('Swept'))
    const { clock, done, signal } = watch(server.url)
    expect(await done).toEqual(['Swept'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
    ])
    await nothingIsLeft(server, clock, signal)
  })

  it('ends the watch though the backend lives, and though the status is unknown', async () => {
    expect(await watch((await serve(status(204), json('Ready'))).url).done).toEqual(['Ready'])
    expect(await watch((await serve(status(204), status(200, {}, 'x'))).url).done).toEqual([])
  })

  it('is asked again while it cannot answer', async () => {
    const server = await serve(status(204), status(503), status(204), json('Failed'))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(['Failed'])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
      '/backend/8nyg2/status/stream',
      '/backend/8nyg2/status',
    ])
  })

  it('is not asked for more where the stream has no status beside it', async () => {
    const server = await serve(status(204))
    expect(await watch(new URL('/api/sessions/a/status', server.url).href).done).toEqual([])
    expect(server.requests).toHaveLength(1)
  })
})

describe('events that are not a status', () => {
  // Defects 7 and 12: warnings on every comment and id, and crashes on null.
  it('are skipped, and reported once', async () => {
    const odd = ['not json', 'null', '[]', '{"state":"Waiting","time":"t"}', '{"state":null}', '']
    const server = await serve(
      ended(...odd.map((data) => encodeEvent({ data })), event('Loading')),
      stream(encodeEvent({ data: 'again' }), WHOLE),
    )
    const { clock, done, problems } = watch(server.url)
    await clock.passOneWait()
    expect(await done).toEqual(STATES)
    expect(problems).toMatchObject([{ code: 'bad_stream' }, { code: 'platform_error' }])
  })

  it('count as received', async () => {
    const server = await serve(ended(encodeEvent({ data: 'odd', id: '9' })), stream(WHOLE))
    const { clock, done } = watch(server.url)
    await clock.passOneWait()
    await done
    expect(server.requests[1]?.headers['last-event-id']).toBe('9')
  })

  it('are steps back, repetitions, and whatever follows a terminal status', async () => {
    const sent = ['Starting', 'Loading', 'Starting', 'Ready', 'Ready', 'Failed', 'Swept', 'Ready'] as const
    const server = await serve(stream(sent.map((state) => event(state)).join('')))
    expect(await watch(server.url).done).toEqual(['Starting', 'Ready', 'Failed'])
  })
})

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
      expect(clock.pending).toHaveLength(1)
    })
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    expect(problems).toHaveLength(reached.problems ?? 0)
    await nothingIsLeft(server, clock, signal)
  })

  it('by the signal while a status is looked at tells no more of them', async () => {
    const server = await serve(stream(WHOLE))
    const clock = new VirtualClock()
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
    const clock = new VirtualClock()
    const { signal } = new AbortController()
    for await (const _state of watchStatus(server.url, { clock, signal })) break
    await nothingIsLeft(server, clock, signal)
  })

  it('by an error in the loop cancels the request, and passes the error on', async () => {
    const server = await serve(stream(event('Loading')))
    const clock = new VirtualClock()
    const run = async () => {
      for await (const _state of watchStatus(server.url, { clock })) throw reason
    }
    await expect(run()).rejects.toBe(reason)
    await nothingIsLeft(server, clock)
  })

  it('is possible many times without a trace on the signal', async () => {
    const server = await serve(stream(event('Loading')))
    const { signal } = new AbortController()
    for (let time = 0; time < 50; time++) {
      for await (const _state of watchStatus(server.url, { signal })) break
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})

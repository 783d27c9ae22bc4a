import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  BACKEND_STATUSES,
  type BackendStatus,
  encodeEvent,
  isTerminal,
  watchStatus,
} from '../../src/index.ts'
import { bodyOf, byteByByte, bytes, cut } from '../support/bytes.ts'
import { ended, event, stream } from '../support/stream-server.ts'
import { nothingIsLeft, STATES, serve, WHOLE, watch } from '../support/watch.ts'

describe('following a stream', () => {
  it('tells every step forward, and ends after a terminal status', async () => {
    const server = await serve(stream(WHOLE))
    const { done, clock, signal, problems } = watch(server.url)
    expect(await done).toEqual(STATES)
    expect(problems).toEqual([])
    await nothingIsLeft(server, clock, signal)
  })

  it('passes on the time and the name of the backend', async () => {
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

  it('yields the same statuses if the stream is duplicated, replayed, reordered or cut', async () => {
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

  it('are steps back, repetitions, and everything after a terminal status', async () => {
    const sent = ['Starting', 'Loading', 'Starting', 'Ready', 'Ready', 'Failed', 'Swept', 'Ready'] as const
    const server = await serve(stream(sent.map((state) => event(state)).join('')))
    expect(await watch(server.url).done).toEqual(['Starting', 'Ready', 'Failed'])
  })
})

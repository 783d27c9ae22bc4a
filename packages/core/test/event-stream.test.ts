import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  encodeEvent,
  type ReadEventsOptions,
  readEvents,
  type ServerSentEvent,
  SessionBackendError,
} from '../src/index.ts'
import { HEARTBEAT } from '../src/internal.ts'
import { bodyOf, byteByByte, bytes, cut } from './support/bytes.ts'

/** Everything that a reader tells of a body, in its order: events, retry fields, and the error that ends it. */
async function tellings(chunks: readonly Uint8Array[], options: ReadEventsOptions = {}): Promise<unknown[]> {
  const told: unknown[] = []
  try {
    for await (const event of readEvents(bodyOf(chunks), {
      ...options,
      onRetry: (ms) => told.push({ ms }),
    })) {
      told.push(event)
    }
  } catch (error) {
    expect(error).toBeInstanceOf(SessionBackendError)
    if (error instanceof SessionBackendError) told.push(error.code)
  }
  return told
}

async function read(...chunks: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  const body = bodyOf(chunks.map((chunk) => (typeof chunk === 'string' ? bytes(chunk) : chunk)))
  const events: ServerSentEvent[] = []
  for await (const event of readEvents(body)) events.push(event)
  return events
}

const data = (events: ServerSentEvent[]) => events.map((event) => event.data)

/** Text that is rich in what the format gives a meaning to. */
const streamText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'data',
        'event',
        'id',
        'retry',
        ':',
        ': ',
        ' ',
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        '\uFEFF',
        '\0',
      ),
      fc.constantFrom(
        'data: a\n\n',
        'data:b\r\n\r\n',
        'data: c\r\r',
        'event\n',
        'event: e\n',
        'id: 7\n',
        'retry: 1000\n',
        ':\n\n',
      ),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.nat({ max: 99_999 }).map(String),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

const anyBytes = fc.oneof(streamText.map(bytes), fc.uint8Array({ maxLength: 200 }))
const places = fc.array(fc.nat({ max: 400 }), { maxLength: 20 })

describe('reading an event stream', () => {
  it('gives the data, the name and the id of each event', async () => {
    expect(await read('event: state\nid: 2\ndata: {"a":1}\n\ndata: next\n\n')).toEqual([
      { data: '{"a":1}', event: 'state', id: '2' },
      { data: 'next', event: undefined, id: undefined },
    ])
  })

  it('joins several lines of data with line feeds', async () => {
    expect(data(await read('data: one\ndata:\ndata: three\n\n'))).toEqual(['one\n\nthree'])
  })

  it('takes off one space after the colon, and no more', async () => {
    expect(data(await read('data:  a \n\ndata:b\n\n'))).toEqual([' a ', 'b'])
  })

  it('takes a field without a colon for one with an empty value', async () => {
    expect(data(await read('data\n\n'))).toEqual([''])
  })

  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('ends lines at %s', async (_name, end) => {
    expect(data(await read(['data: a', 'data: b', '', 'data: c', '', ''].join(end)))).toEqual(['a\nb', 'c'])
  })

  it('tells an event at its last CR, without waiting for the byte that follows', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const events = readEvents(readable)
    void writer.write(bytes('data: a\r\r'))
    expect(await events.next()).toMatchObject({ value: { data: 'a' } })
    void writer.write(bytes('\ndata: b\r\n\r'))
    expect(await events.next()).toMatchObject({ value: { data: 'b' } })
    await events.return()
  })

  it('takes a CR and an LF in two chunks for one line end', async () => {
    expect(data(await read('data: a\r', '\ndata: b\r', '', '\n\r', '\n'))).toEqual(['a\nb'])
  })

  // Defect 1 of the official SDK: it split each chunk by itself, and lost what lay across two.
  it('reads an event that is cut into single bytes', async () => {
    const whole = bytes('\uFEFF: hello\r\nid: 1\r\ndata: {"state":"Ready","who":"Zoë 🦊"}\r\n\r\n')
    expect(await read(...byteByByte(whole))).toEqual([
      { data: '{"state":"Ready","who":"Zoë 🦊"}', event: undefined, id: '1' },
    ])
  })

  it('skips a byte order mark at the start, and only there', async () => {
    expect(data(await read('\uFEFFdata: a\n\n\uFEFFdata: lost\n\n'))).toEqual(['a'])
  })

  // Defect 7: a warning for each comment and each id.
  it('is silent about comments and unknown fields', async () => {
    const warn = vi.spyOn(console, 'warn')
    expect(data(await read(`${HEARTBEAT}: a comment\nunknown: field\ndata: a\n\n${HEARTBEAT}`))).toEqual([
      'a',
    ])
    expect(warn).not.toHaveBeenCalled()
  })

  it('discards the event that the end of the body cuts off', async () => {
    expect(data(await read('data: whole\n\ndata: cut\n'))).toEqual(['whole'])
    expect(data(await read('data: cut'))).toEqual([])
  })

  it('ignores an id with a NUL', async () => {
    expect(await read('id: 1\nid: 2\0\ndata: a\n\n')).toMatchObject([{ id: '1' }])
  })

  it('reports a retry field if it consists of digits', async () => {
    expect(
      await tellings([bytes('retry: 1500\nretry: -1\nretry: 1.5\nretry:\nretry: 2s\nretry: 0\n')]),
    ).toEqual([{ ms: 1500 }, { ms: 0 }])
  })

  it('reports every chunk, including comments', async () => {
    const onActivity = vi.fn()
    for await (const _event of readEvents(bodyOf([bytes(':'), bytes('\n\n'), bytes('da')]), { onActivity })) {
      expect.unreachable()
    }
    expect(onActivity).toHaveBeenCalledTimes(3)
  })

  it('cancels the body when the reader leaves early', async () => {
    const onCancel = vi.fn()
    for await (const _event of readEvents(bodyOf([bytes('data: a\n\n'), bytes('data: b\n\n')], onCancel)))
      break
    expect(onCancel).toHaveBeenCalledTimes(1)
  })

  it('passes on the error of a body that fails', async () => {
    const lost = new TypeError('terminated')
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(lost) })
    await expect(readEvents(body).next()).rejects.toBe(lost)
  })
})

describe('the limit on what is held in memory', () => {
  const limit = { maxLength: 10 }

  it('is 65,536 characters for a line, and for the data of an event', async () => {
    const fits = 'x'.repeat(65_536 - 'data: '.length)
    expect(await tellings([bytes(`data: ${fits}\n\n`)])).toMatchObject([{ data: fits }])
    expect(await tellings([bytes(`data: ${fits}x\n\n`)])).toEqual(['payload_too_large'])
    expect(await tellings([bytes(`data: ${fits}\ndata: ${'y'.repeat(9)}\n\n`)])).toEqual([
      'payload_too_large',
    ])
  })

  it('holds for comments and unknown fields', async () => {
    expect(await tellings([bytes(`:${'x'.repeat(10)}`)], limit)).toEqual(['payload_too_large'])
  })

  it('counts empty lines of data', async () => {
    expect(await tellings([bytes('data\n'.repeat(12))], limit)).toEqual(['payload_too_large'])
  })

  it('is reported after the events before it, in the same chunk or not', async () => {
    const whole = bytes('data: a\n\ndata: too long\n\n')
    const told = [{ data: 'a', event: undefined, id: undefined }, 'payload_too_large']
    expect(await tellings([whole], limit)).toEqual(told)
    expect(await tellings(byteByByte(whole), limit)).toEqual(told)
  })

  it('stops an endless line after the limit and one chunk', async () => {
    let sent = 0
    const chunk = bytes('x'.repeat(1000))
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent += chunk.length
          controller.enqueue(chunk)
        },
      },
      { highWaterMark: 0 },
    )
    await expect(readEvents(body).next()).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(sent).toBeLessThanOrEqual(65_536 + chunk.length)
  })

  it('cancels the body', async () => {
    const onCancel = vi.fn()
    const body = bodyOf([bytes('data: too long\n'), bytes('\n')], onCancel)
    await expect(readEvents(body, limit).next()).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(onCancel).toHaveBeenCalledTimes(1)
  })

  it('counts all lines of an event together, and starts again at an empty line', async () => {
    expect(await tellings([bytes('data: a\nid: 1\n\n')], limit)).toEqual(['payload_too_large'])
    for (const end of ['\n', '\r', '\r\n']) {
      const heartbeats = bytes(`:${end}${end}`.repeat(20))
      expect(await tellings([heartbeats], limit)).toEqual([])
      expect(await tellings(byteByByte(heartbeats), limit)).toEqual([])
    }
  })

  it('does not take the two characters of a line break for an empty line', async () => {
    const whole = bytes('data: a\r\ndata: b\r\n\r\n')
    expect(await tellings([whole], limit)).toEqual(['payload_too_large'])
    expect(await tellings(byteByByte(whole), limit)).toEqual(['payload_too_large'])
  })
})

/** How many random splits: more in the long run that precedes a release. */
const RUNS = Number(process.env.RUNS ?? 1000)
const RUN_TIME = 15_000 + RUNS * 20

describe('for all bytes', () => {
  it(
    'the events are the same, however the bytes are cut into chunks',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          anyBytes,
          places,
          fc.integer({ min: 1, max: 60 }),
          async (whole, cuts, maxLength) => {
            const told = await tellings([whole], { maxLength })
            expect(await tellings(cut(whole, cuts), { maxLength })).toEqual(told)
            expect(await tellings(byteByByte(whole), { maxLength })).toEqual(told)
          },
        ),
        { numRuns: RUNS },
      )
    },
    RUN_TIME,
  )

  it('every way to cut a stream twice gives the same events', async () => {
    const whole = bytes(
      '\uFEFFid: 1\r\ndata: Zoë 🦊\r\r\ndata\n\rretry: 9\r\n\r\n:\n\nevent: e\rdata: b\r\n\n',
    )
    const told = await tellings([whole])
    expect(told).toEqual([
      { data: 'Zoë 🦊', event: undefined, id: '1' },
      { data: '', event: undefined, id: undefined },
      { ms: 9 },
      { data: 'b', event: 'e', id: undefined },
    ])
    for (let first = 0; first <= whole.length; first++) {
      for (let second = first; second <= whole.length; second++) {
        expect(await tellings(cut(whole, [first, second])), `cut at ${first} and ${second}`).toEqual(told)
      }
    }
  })

  it.each(['\n', '\r', 'data\n\n', ':\r\n\r\n'])(
    'reads 2 MiB of %j in less than 5 s of CPU time',
    async (text) => {
      // A parser that looks for the next CR at each line takes half a minute: eventsource-parser did before 4.1.3.
      const whole = bytes(`${text.repeat((2 * 1024 * 1024) / text.length)}\r`)
      const before = process.cpuUsage()
      await tellings([whole])
      expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(5)
    },
    60_000,
  )
})

describe('writing events', () => {
  it('names the fields, and ends with an empty line', () => {
    expect(encodeEvent({ data: '{}', event: 'state', id: '3' })).toBe('event: state\nid: 3\ndata: {}\n\n')
    expect(encodeEvent({ data: '' })).toBe('data: \n\n')
  })

  it('lets no text forge an event or a field', async () => {
    const forged = 'a\n\ndata: forged\r\rid: 9\r\n\r\nevent: x'
    expect(await read(encodeEvent({ data: forged }))).toEqual([
      { data: forged.replace(/\r\n|\r/g, '\n'), event: undefined, id: undefined },
    ])
  })

  it.each([{ event: 'a\nb' }, { id: '1\r' }, { id: '1\0' }])('refuses %j', (part) => {
    expect(() => encodeEvent({ data: '', ...part })).toThrow(
      expect.objectContaining({ code: 'invalid_option' }),
    )
  })

  it('can be read back', async () => {
    const text = fc.string({ unit: 'grapheme' })
    const name = text.filter((value) => !/[\r\n\0]/.test(value))
    const event = fc.record({
      data: text.map((value) => value.replace(/\r\n?/g, '\n')),
      event: fc.option(
        name.filter((value) => value !== ''),
        { nil: undefined },
      ),
      id: fc.option(name, { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(event), places, async (events, cuts) => {
        const whole = bytes(events.map((each) => encodeEvent(each) + HEARTBEAT).join(''))
        expect(await tellings(cut(whole, cuts))).toEqual(events)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { SharedStream, SharedStreams } from '../../src/relay/shared-stream.ts'
import { Feed } from '../support/fake-platform.ts'

const never = new AbortController().signal
/** A history of so many items. */
const last = (most: number) => ({ most, weigh: () => 1 })

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('a shared stream', () => {
  it('opens its source for the first reader, and closes it when the last one leaves', async () => {
    const feed = new Feed<number>()
    const onClosed = vi.fn()
    const stream = new SharedStream((signal) => feed.open(signal), last(10), onClosed)
    expect(feed.opened).toBe(0)
    const readers = [stream.read(0, never), stream.read(0, never)]
    feed.push(1)
    for (const reader of readers) expect((await reader.next()).value).toEqual({ item: 1, index: 0 })
    await readers[0]?.return()
    expect(onClosed).not.toHaveBeenCalled()
    await readers[1]?.return()
    expect(onClosed).toHaveBeenCalledOnce()
    await vi.waitFor(() => expect([feed.opened, feed.closed]).toEqual([1, 1]))
  })

  it('lets a reader that waits leave when its signal aborts', async () => {
    const feed = new Feed<number>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      last(10),
      () => {},
    )
    const leaving = new AbortController()
    const next = stream.read(0, leaving.signal).next()
    leaving.abort(new Error('left'))
    await expect(next).rejects.toThrow('left')
    await vi.waitFor(() => expect(feed.closed).toBe(1))
  })

  it('gives a reader that has left nothing more of what there is', async () => {
    const feed = new Feed<number>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      last(10),
      () => {},
    )
    feed.push(1, 2)
    const leaving = new AbortController()
    const reader = stream.read(0, leaving.signal)
    expect((await reader.next()).value).toEqual({ item: 1, index: 0 })
    leaving.abort(new Error('left'))
    await expect(reader.next()).rejects.toThrow('left')
    await vi.waitFor(() => expect(feed.closed).toBe(1))
  })

  it('lets a reader that had left before it came wait for nothing', async () => {
    const feed = new Feed<number>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      last(10),
      () => {},
    )
    const next = stream.read(0, AbortSignal.abort(new Error('left'))).next()
    await expect(next).rejects.toThrow('left')
    await vi.waitFor(() => expect(feed.closed).toBe(1))
  })

  it('gives every reader what the source threw', async () => {
    const feed = new Feed<number>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      last(10),
      () => {},
    )
    const readers = [collect(stream.read(0, never)), collect(stream.read(0, never))]
    feed.end({ error: new Error('cut') })
    for (const reader of readers) await expect(reader).rejects.toThrow('cut')
  })

  it('holds no more than it keeps: a slow reader goes on with the oldest item there is', async () => {
    const feed = new Feed<number>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      last(3),
      () => {},
    )
    const slow = stream.read(0, never)
    feed.push(0)
    expect((await slow.next()).value?.item).toBe(0)
    const fast = stream.read(0, never)
    for (let item = 1; item < 10; item++) {
      feed.push(item)
      await vi.waitFor(async () => expect((await fast.next()).value?.item).toBe(item))
    }
    feed.end()
    expect((await collect(slow)).map(({ item }) => item)).toEqual([7, 8, 9])
  })

  it('keeps few items if they are heavy', async () => {
    const feed = new Feed<string>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      { most: 10, weigh: (line: string) => line.length },
      () => {},
    )
    const slow = stream.read(0, never)
    feed.push('first')
    expect((await slow.next()).value?.item).toBe('first')
    const fast = stream.read(1, never)
    for (const line of ['12345678', '1', '2', '123456', '4']) {
      feed.push(line)
      await vi.waitFor(async () => expect((await fast.next()).value?.item).toBe(line))
    }
    feed.end()
    expect((await collect(slow)).map(({ item }) => item)).toEqual(['1', '2', '123456', '4'])
  })

  it('gives its readers also an item that is heavier than all that it keeps', async () => {
    const feed = new Feed<string>()
    const stream = new SharedStream(
      (signal) => feed.open(signal),
      { most: 10, weigh: (line: string) => line.length },
      () => {},
    )
    const lines = collect(stream.read(0, never))
    feed.push('short', 'x'.repeat(20))
    feed.end()
    expect((await lines).map(({ item }) => item)).toContain('x'.repeat(20))
  })

  it('gives each reader one run without gaps from the index it asked for, at any time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(12),
        fc.array(fc.record({ from: fc.nat(14), after: fc.nat(12) }), { minLength: 1, maxLength: 5 }),
        async (length, readers) => {
          const feed = new Feed<number>()
          const streams = new SharedStreams<number>()
          const open = () => streams.get('b1', last(100), (signal) => feed.open(signal))
          const holder = collect(open().read(0, never))
          const runs = []
          for (let item = 0; item <= length; item++) {
            for (const { from, after } of readers) {
              if (Math.min(after, length) === item)
                runs.push({ from, run: collect(open().read(from, never)) })
            }
            if (item < length) feed.push(item)
            await Promise.resolve()
          }
          feed.end()
          const all = Array.from({ length }, (_, item) => ({ item, index: item }))
          expect(await holder).toEqual(all)
          for (const { from, run } of runs) expect(await run).toEqual(all.slice(from))
          expect(feed.opened).toBe(1)
        },
      ),
      { numRuns: 300 },
    )
  })
})

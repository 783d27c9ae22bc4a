import { readEvents } from '@session-backend/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutLine, cutLongEvents } from '../../src/common/long-lines.ts'

const MARK = '[the rest of this line was cut]'

/** A body that comes in pieces of so many bytes. */
function bodyOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = Buffer.from(text)
  let start = 0
  return new ReadableStream({
    pull(controller) {
      if (start >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(start, start + size))
      start += size
    },
  })
}

async function read(body: ReadableStream<Uint8Array>): Promise<{ data: string; id?: string | undefined }[]> {
  const events = []
  for await (const { data, id } of readEvents(body)) events.push({ data, id })
  return events
}

describe('an event of a log that is too long', () => {
  it.each([7, 1_000, 65_536, 10_000_000])(
    'is cut and marked, and the events after it are whole, in chunks of %i bytes',
    async (size) => {
      const lines = `id: 1\ndata: one\n\nid: 2\r\ndata: ${'é'.repeat(100_000)}\r\ndata: more\r\n\r\nid: 3\ndata: three\n\n`
      const [first, second, third, ...rest] = await read(cutLongEvents(bodyOf(lines, size)))
      expect([first, third, rest]).toEqual([{ data: 'one', id: '1' }, { data: 'three', id: '3' }, []])
      expect(second?.id).toBe('2')
      expect(second?.data).toMatch(/^é{16000,} \[the rest/)
      expect(second?.data.endsWith(MARK)).toBe(true)
    },
  )

  it('changes nothing of a stream whose events are short, however its bytes are split', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', ':', 'data: ', '\r', '\n', '\r\n', 'id: 1') })
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
        const text = lines.join('\n')
        expect(await new Response(cutLongEvents(bodyOf(text, size))).text()).toBe(text)
      }),
      { numRuns: 500 },
    )
  })
})

it('cuts a long line, and not within a character', () => {
  expect(cutLine('short')).toBe('short')
  expect(cutLine('\u{1f600}'.repeat(100_000))).toMatch(
    /^(\u{1f600}){16384} \[the rest of this line was cut\]$/u,
  )
  expect(cutLine(`a${'\u{1f600}'.repeat(100_000)}`)).toMatch(/^a(\u{1f600}){16383} \[the rest/u)
})

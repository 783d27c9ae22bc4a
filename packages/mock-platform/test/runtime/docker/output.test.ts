import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Log, MAX_LINE_LENGTH } from '../../../src/backends/log.ts'
import { createOutputReader, readOutput } from '../../../src/runtime/docker/output.ts'
import { watchEventLoop } from '../../support/event-loop.ts'

const SOURCES = ['stdin', 'stdout', 'stderr']

/** A piece as Docker Engine sends it: where it comes from, three zeros, its length, and the bytes. */
function piece(source: string, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(SOURCES.indexOf(source), 0)
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

/** Reads the bytes in chunks of this size; returns what each source has written. */
function read(bytes: Buffer, size: number): Record<string, string> {
  const texts: Record<string, string> = {}
  const reader = createOutputReader((text, source) => {
    texts[source] = (texts[source] ?? '') + text
  })
  for (let start = 0; start < bytes.length; start += size) reader(bytes.subarray(start, start + size))
  return texts
}

describe('the output of a container', () => {
  it('comes with its source, stdout or stderr', () => {
    const bytes = Buffer.concat([
      piece('stdout', Buffer.from('one\n')),
      piece('stderr', Buffer.from('two\n')),
    ])
    expect(read(bytes, bytes.length)).toEqual({ stdout: 'one\n', stderr: 'two\n' })
  })

  it('is passed on as it comes in, before a piece is complete', () => {
    const texts: string[] = []
    const reader = createOutputReader((text) => texts.push(text))
    reader(piece('stdout', Buffer.from('half of it')).subarray(0, 12))
    expect(texts).toEqual(['half'])
  })

  it('keeps characters whole, however chunks and pieces are cut', () => {
    const source = fc.constantFrom('stdout', 'stderr')
    const writes = fc.array(fc.tuple(source, fc.string({ unit: 'grapheme', maxLength: 20 })), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(
        writes,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 30 }),
        (all, cut, size) => {
          const expected: Record<string, string> = {}
          const pieces: Buffer[] = []
          for (const [from, text] of all) {
            const bytes = Buffer.from(text)
            if (text) expected[from] = (expected[from] ?? '') + text
            for (let start = 0; start < bytes.length; start += cut) {
              pieces.push(piece(from, bytes.subarray(start, start + cut)))
            }
          }
          expect(read(Buffer.concat(pieces), size)).toEqual(expected)
        },
      ),
    )
  })

  it('may be empty', () => {
    const bytes = Buffer.concat([piece('stdout', Buffer.alloc(0)), piece('stdout', Buffer.from('x'))])
    expect(read(bytes, 1)).toEqual({ stdout: 'x' })
  })

  /** What is expensive to read: as for processes in hostile-output.test.ts. */
  it.each([
    ['lines of 1 MB', () => [Buffer.from(`${'token'.repeat(200_000)}\n`)]],
    ['lines that are not Latin', () => [Buffer.from(`${' \u65e5\u672c\u8a9e=\u{1f4dd}'.repeat(100_000)}\n`)]],
    [
      'colours and forged events',
      () => [Buffer.from('\x1b[31m\r data: {"state":"Ready"} \u65e5\n'.repeat(20_000))],
    ],
    ['half a million empty lines', () => [Buffer.from('\n'.repeat(500_000))]],
    ['bytes that are not UTF-8', () => [Buffer.alloc(1_000_000, 0xff)]],
    ['pieces of one byte', () => Array.from({ length: 20_000 }, () => Buffer.from('\n'))],
    ['pieces of nothing', () => Array.from({ length: 20_000 }, () => Buffer.alloc(0))],
  ])('never takes more than 50 ms at a time: %s', async (_, pieces) => {
    const log = new Log()
    const bytes = Buffer.concat(
      ['stdout', 'stderr'].flatMap((source) => pieces().map((each) => piece(source, each))),
    )
    // As streams hand it out.
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
      bytes.subarray(i * 65_536, (i + 1) * 65_536),
    )
    const stop = watchEventLoop()
    await readOutput(Readable.from(chunks), (text, source) => log.write(text, source))
    const { work } = stop()
    expect(work).toBeLessThan(50)
    expect(log.lines.values.every((line) => line.length <= MAX_LINE_LENGTH)).toBe(true)
  })
})

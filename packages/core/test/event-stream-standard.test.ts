import { expect, it } from 'vitest'
import { readEvents } from '../src/index.ts'
import { bodyOf, byteByByte, bytes } from './support/bytes.ts'

const utf8 = (...codes: number[]) => Uint8Array.from(codes)

/**
 * What Web Platform Tests check of an event stream's format, under the names of their files in `eventsource/`, as far
 * as a reader decides it. The media types are in `watch-status/media-types.test.ts`.
 */
const cases: [name: string, stream: string | Uint8Array, told: unknown[]][] = [
  ['format-bom', '\uFEFFdata:1\n\n\uFEFFdata:2\n\ndata:3\n\n', ['1', '3']],
  ['format-bom-2', '\uFEFF\uFEFFdata:1\n\ndata:2\n\ndata:3\n\n', ['2', '3']],
  [
    'format-comments',
    `data:1\r:\0\n:\r\ndata:2\n:${'x'.repeat(2048)}\rdata:3\n:data:fail\r:x\ndata:4\n\n`,
    ['1\n2\n3\n4'],
  ],
  ['format-data-before-final-empty-line', 'retry:1000\ndata:test1\n\nid:test\ndata:test2', [1000, 'test1']],
  ['format-field-data', 'data:\n\ndata\ndata\n\ndata:test\n\n', ['', '\n', 'test']],
  ['format-field-event', 'event:test\ndata:x\n\ndata:x\n\n', [{ event: 'test', data: 'x' }, 'x']],
  ['format-field-event-empty', 'event: \ndata:data\n\n', ['data']],
  ['format-field-id', 'id:…\nretry:200\ndata:hello\n\n', [200, { id: '…', data: 'hello' }]],
  [
    'format-field-id-2',
    'id: 1\ndata:a\n\nid\ndata:b\n\ndata:c\n\n',
    [{ id: '1', data: 'a' }, { id: '', data: 'b' }, 'c'],
  ],
  ['format-field-id-3', 'id:1\nid:2\n:\ndata:a\n\n', [{ id: '2', data: 'a' }]],
  ['format-field-id-null', 'id:1\nid:2\0\nid:\0\nid:3\u00002\ndata:a\n\n', [{ id: '1', data: 'a' }]],
  [
    'format-field-parsing',
    'data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n',
    ['\0\n 2\n1\n3\n\n4'],
  ],
  ['format-field-retry', 'retry:03000\ndata:x\n\n', [3000, 'x']],
  [
    'format-field-retry-bogus',
    'retry:3000\nretry:1000x\nretry:x1\nretry:-1\nretry: 1e3\ndata:x\n\n',
    [3000, 'x'],
  ],
  ['format-field-retry-empty', 'retry\ndata:test\n\n', ['test']],
  [
    'format-field-unknown',
    'data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacommentyay\ndata:test\n\n',
    ['test\n\ntest'],
  ],
  ['format-leading-space', 'data:\ttest\rdata: \ndata:test\n\n', ['\ttest\n\ntest']],
  ['format-newlines', 'data:test\r\ndata\ndata:test\r\n\r', ['test\n\ntest']],
  ['format-null-character', 'data:\0\n\n\n\n', ['\0']],
  // A legacy encoding is not honoured: 0xE4 alone is not UTF-8.
  ['format-utf-8', utf8(...bytes('data:ok'), 0xe2, 0x80, 0xa6, 0xe4, 10, 10), ['ok…\uFFFD']],
]

async function tell(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const told: unknown[] = []
  for await (const { data, event, id } of readEvents(bodyOf(chunks), { onRetry: (ms) => told.push(ms) })) {
    const rest = { ...(event !== undefined && { event }), ...(id !== undefined && { id }) }
    told.push(Object.keys(rest).length > 0 ? { data, ...rest } : data)
  }
  return told
}

it.each(cases)(
  'reads what the Web Platform Test %s sends, whole and byte by byte',
  async (_name, stream, told) => {
    const whole = typeof stream === 'string' ? bytes(stream) : stream
    expect(await tell([whole])).toEqual(told)
    expect(await tell(byteByByte(whole))).toEqual(told)
  },
)

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeDocumentId } from '../../src/request/document-id.ts'
import { codeOf, createApp, POST } from '../support/backends.ts'

describe('a document id', () => {
  it.each(['doc', 'notes%2Fdoc-1', 'caf%C3%A9', 'constructor', 'a%20b', '%25', '%F0%9F%92%A1', 'a;b=c'])(
    'can be %s',
    (segment) => {
      expect(decodeDocumentId(segment)).toBe(decodeURIComponent(segment))
    },
  )

  it.each([
    ['NUL', '%00'],
    ['CR and LF', 'a%0D%0AX-Evil:%201'],
    ['a line separator of Unicode C1', '%C2%85'],
    ['DEL', '%7F'],
    ['half a character', '%ED%A0%80'],
    ['bytes that are no UTF-8', '%FF'],
    ['a percent sign alone', 'a%'],
    ['`__proto__`', '__proto__'],
    ['`__proto__`, encoded', '%5F%5Fproto%5F%5F'],
    ['129 characters', 'x'.repeat(129)],
  ])('with %s is refused, clearly', async (_, segment) => {
    const app = createApp()
    const response = await app.send(`/${segment}`, POST)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: { code: 'bad_request', message: expect.stringContaining('document id') },
    })
    expect(app.platform.calls).toEqual([])
  })

  it.each(['\ud800', 'a\nb', '', '__proto__', 7, null, {}])('%j is refused by `connect` too', async (id) => {
    const app = createApp()
    const request = new Request('http://app.test/')
    await expect(app.connect(id as string, { request })).rejects.toMatchObject({ code: 'bad_request' })
    expect(await codeOf(await app.send('/__proto__'))).toBe('bad_request')
    expect(app.platform.calls).toEqual([])
  })

  it('that is missing, as in a page of Next that does not await its `params`, is refused with what to do', async () => {
    const params: Promise<{ id: string }> & { id?: string } = Promise.resolve({ id: 'doc' })
    const connecting = createApp().connect(params.id as string, { request: new Request('http://app.test/') })
    await expect(connecting).rejects.toThrow(
      'The document id must be a string, got undefined. In Next.js, await `params` before you read the id from it.',
    )
  })

  it('is what was encoded', () => {
    const id = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/\p{Cc}|^__proto__$/u.test(text))
    fc.assert(fc.property(id, (text) => decodeDocumentId(encodeURIComponent(text)) === text))
  })
})

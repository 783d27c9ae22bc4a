import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createHmacOf } from '../../src/common/hmac.ts'

it('gives what createHmac gives, for keys of up to 64 bytes and any text', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { minLength: 1, maxLength: 3 }),
      (key, texts) => {
        const hmac = createHmacOf(key)
        for (const text of texts) {
          const expected = createHmac('sha256', key).update(text)
          const [bytes, encoded] = [hmac(text), hmac(text, 'base64url')]
          expect(bytes).toEqual(expected.digest())
          expect(encoded).toBe(bytes.toString('base64url'))
        }
      },
    ),
  )
})

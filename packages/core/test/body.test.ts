import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { readText } from '../src/internal.ts'
import { bodyOf, byteByByte, bytes, cut } from './support/bytes.ts'

describe('reading a body as text', () => {
  it('reads a missing body as an empty one', async () => {
    expect(await readText(null, 10)).toBe('')
  })

  it('puts characters together that chunks cut apart', async () => {
    expect(await readText(bodyOf(byteByByte(bytes('Zoë 🦊'))), 100)).toBe('Zoë 🦊')
  })

  it('counts bytes, not characters', async () => {
    expect(await readText(bodyOf([bytes('🦊')]), 4)).toBe('🦊')
    await expect(readText(bodyOf([bytes('🦊')]), 3)).rejects.toMatchObject({ code: 'payload_too_large' })
  })

  it('stops reading at the limit, and cancels the body', async () => {
    const onCancel = vi.fn()
    const body = bodyOf([bytes('12345'), bytes('6'), bytes('7'), bytes('8')], onCancel)
    await expect(readText(body, 5)).rejects.toMatchObject({ code: 'payload_too_large', status: 413 })
    expect(onCancel).toHaveBeenCalledTimes(1)
  })

  it('passes on the error of a body that fails', async () => {
    const lost = new TypeError('terminated')
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(lost) })
    await expect(readText(body, 10)).rejects.toBe(lost)
  })

  it('gives the same text however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat({ max: 30 })), async (whole, cuts) => {
        expect(await readText(bodyOf(cut(whole, cuts)), whole.length)).toBe(new TextDecoder().decode(whole))
      }),
    )
  })
})

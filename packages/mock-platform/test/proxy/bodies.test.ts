import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { House, open } from './house.ts'

describe('the bytes of a body', () => {
  it('are the same on the other side, with all bytes and cuts', async () => {
    const house = await House.open((req, res) => void req.pipe(res))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 8 }),
        fc.boolean(),
        async (chunks, sized) => {
          const body = Buffer.concat(chunks)
          const { req, answer } = open(house.url(), {
            method: 'POST',
            headers: sized ? { 'content-length': body.length } : {},
          })
          for (const chunk of chunks) {
            req.write(chunk)
            await new Promise(setImmediate)
          }
          req.end()
          expect((await buffer(await answer)).equals(body)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are the same for 32 MB each way at once', async () => {
    const house = await House.open((req, res) => void req.pipe(res))
    const body = randomBytes(32 * 1024 * 1024)
    const answer = await fetch(house.url(), { method: 'POST', body })
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(new Uint8Array(await answer.arrayBuffer()))).toBe(hash(body))
  })
})

describe('back-pressure', () => {
  it('stops a backend whose client does not read', async () => {
    let sent = 0
    const house = await House.open((_req, res) => {
      const chunk = Buffer.alloc(64 * 1024)
      const fill = () => {
        for (let more = true; more && sent < 200_000_000; sent += chunk.length) more = res.write(chunk)
      }
      res.on('drain', fill)
      fill()
    })
    const socket = house.dial()
    socket.pause()
    socket.write('GET /doc/secret/ HTTP/1.1\r\nhost: x\r\n\r\n')
    await settled(() => sent)
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(50_000_000)
  })

  it('stops a client whose backend does not read', async () => {
    const house = await House.open((req) => void req.pause())
    const { req } = open(house.url(), { method: 'POST' })
    let sent = 0
    const chunk = Buffer.alloc(64 * 1024)
    const fill = () => {
      for (let more = true; more && sent < 200_000_000; sent += chunk.length) more = req.write(chunk)
    }
    req.on('drain', fill)
    fill()
    await settled(() => sent)
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(50_000_000)
    req.destroy()
  })
})

/** Resolves when a number has stood still for a while. */
async function settled(value: () => number): Promise<void> {
  let last = -1
  await vi.waitFor(
    () => {
      const now = value()
      const still = now === last
      last = now
      expect(still).toBe(true)
    },
    { interval: 200, timeout: 10_000 },
  )
}

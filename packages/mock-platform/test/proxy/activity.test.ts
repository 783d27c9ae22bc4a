import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { open, text } from './house.ts'
import { openManual } from './manual.ts'

describe('activity', () => {
  it('is an answer that is not complete: a long poll, a stream', async () => {
    const { house, next } = await openManual()
    const answer = fetch(house.url())
    const { res } = await next()
    expect(house.backend.connections).toBe(1)
    res.write('data: 1\n\n')
    const reader = ((await answer).body ?? new ReadableStream()).getReader()
    await reader.read()
    expect(house.backend.connections).toBe(1)
    res.end()
    expect((await reader.read()).done).toBe(true)
    await vi.waitFor(() => expect(house.backend.counts).toEqual([1, 0]))
  })

  it('is an upload that is on its way', async () => {
    const { house, next } = await openManual()
    const { req, answer } = open(house.url(), { method: 'POST' })
    req.write('part')
    const { res } = await next()
    expect(house.backend.connections).toBe(1)
    req.end()
    res.end('done')
    await text(await answer)
    await vi.waitFor(() => expect(house.backend.counts).toEqual([1, 0]))
  })

  it('is not an idle connection that is kept alive', async () => {
    const { house, next } = await openManual()
    const answer = fetch(house.url())
    ;(await next()).res.end()
    await (await answer).text()
    await vi.waitFor(() => expect(house.backend.counts).toEqual([1, 0]))
    expect([house.front.sockets.size, house.back.sockets.size]).toEqual([1, 1])
  })

  it('equals the number of open connections at every moment, and is never negative', async () => {
    const { house, next } = await openManual()
    const kinds = fc.constantFrom('poll', 'socket', 'finish', 'leave', 'break', 'refused')
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { maxLength: 25 }), async (steps) => {
        const opened: { finish(): void; leave(): void; break(): void }[] = []
        house.backend.counts.length = 0
        for (const step of steps) {
          if (step === 'poll') {
            // Not a GET: that would be sent again when its kept-alive connection breaks.
            const { req } = open(house.url(), { method: 'POST' })
            req.end()
            const { res } = await next()
            const socket = res.socket
            opened.push({
              finish: () => res.end(),
              leave: () => req.destroy(),
              break: () => socket?.destroy(),
            })
          } else if (step === 'socket') {
            const ws = new WebSocket(house.url())
            ws.on('error', () => {})
            const known = new Set(house.back.sockets)
            await once(ws, 'open')
            const backend = [...house.back.sockets].find((socket) => !known.has(socket))
            opened.push({
              finish: () => ws.close(),
              leave: () => ws.terminate(),
              break: () => backend?.destroy(),
            })
          } else if (step === 'refused') {
            expect((await fetch(`${house.origin}/doc/wrong/`)).status).toBe(410)
          } else {
            opened.shift()?.[step]()
          }
          await vi.waitFor(() => expect(house.backend.connections).toBe(opened.length), { interval: 2 })
        }
        for (const one of opened) one.leave()
        await vi.waitFor(() => expect(house.backend.connections).toBe(0), { interval: 2 })
        expect(Math.min(0, ...house.backend.counts)).toBe(0)
      }),
      { numRuns: 40 },
    )
  }, 30_000)
})

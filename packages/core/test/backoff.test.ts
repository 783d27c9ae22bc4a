import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBackoff } from '../src/internal.ts'

const ceiling = { random: () => 1 }
const floor = { random: () => 0 }

/** The next `count` waits. */
const waits = (backoff: { next(): number }, count: number) =>
  Array.from({ length: count }, () => backoff.next())

describe('back-off', () => {
  // PROTOCOL.md, "Following a status stream": "after 0.25 to 0.5 s, then twice as long each time up to 30 s,
  // with half of each wait left to chance".
  it('doubles from half a second up to 30 s', () => {
    expect(waits(createBackoff(ceiling), 9)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
  })

  it('leaves half of each wait to chance', () => {
    expect(waits(createBackoff(floor), 3)).toEqual([250, 500, 1000])
  })

  it('starts over after a success', () => {
    const backoff = createBackoff(ceiling)
    waits(backoff, 5)
    backoff.reset()
    expect(waits(backoff, 2)).toEqual([500, 1000])
  })

  it('starts where the server says, within its own bounds', () => {
    for (const [asked, first] of [
      [0, 500],
      [1500, 1500],
      [Number.POSITIVE_INFINITY, 30_000],
    ] as const) {
      const backoff = createBackoff(ceiling)
      backoff.startAt(asked)
      expect(backoff.next()).toBe(first)
    }
  })

  it('waits for as long as the other side asks, up to a minute', () => {
    const backoff = createBackoff(ceiling)
    expect([0, 5, 3600].map((retryAfter) => backoff.next(retryAfter))).toEqual([500, 5000, 60_000])
  })

  it('keeps on growing when the server names the start each time', () => {
    const backoff = createBackoff(ceiling)
    const grown = [1, 2, 3].map(() => {
      backoff.startAt(1000)
      return backoff.next()
    })
    expect(grown).toEqual([1000, 2000, 4000])
  })

  it('never gives up, and never leaves its bounds', () => {
    const options = fc.record({
      initial: fc.integer({ min: 1, max: 1000 }),
      max: fc.integer({ min: 1000, max: 60_000 }),
    })
    fc.assert(
      fc.property(
        options,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ initial, max }, chance) => {
          for (const wait of waits(createBackoff({ initial, max, random: () => chance }), 1100)) {
            expect(wait).toBeGreaterThanOrEqual(initial / 2)
            expect(wait).toBeLessThanOrEqual(max)
          }
        },
      ),
      { numRuns: 20 },
    )
  })
})

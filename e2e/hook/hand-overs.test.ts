import { expect, it } from 'vitest'
import { type HandOvers, handOver, percentile } from '../hand-overs/hand-overs.ts'

const LONG = process.env.LONG_TESTS !== undefined
const PAGES = 8
/** 200 hand-overs in the long version. */
const SIZE = LONG ? { documents: 4, rounds: 50, starts: 10 } : { documents: 2, rounds: 3, starts: 1 }

/** Times are printed and not asserted, because other programs of the machine make them longer. */
function print(title: string, { handOvers, sent, gaps, starts }: HandOvers): void {
  const ms = (numbers: number[], percent: number) => `${Math.round(percentile(numbers, percent))} ms`
  console.log(
    `${title}: ${handOvers} hand-overs, ${sent} messages; gap of a page: p50 ${ms(gaps, 50)}, p95 ${ms(gaps, 95)}, p100 ${ms(gaps, 100)}; a start: p50 ${ms(starts, 50)}, p95 ${ms(starts, 95)}`,
  )
}

it.each([
  ['to cold starts', 0],
  ['to a warm pool', 4],
])(
  '%s, each backend is handed over without losing or doubling a message of its pages',
  async (title, warm) => {
    const size = { ...SIZE, pagesEach: PAGES, perSecond: 2, messagesPerSecond: 5 }
    const result = await handOver({ ...size, warm })
    print(title, result)
    expect(result).toMatchObject({ handOvers: size.documents * size.rounds, lost: 0, doubled: 0, refused: 0 })
    expect(result.gaps).toHaveLength(result.handOvers * PAGES)
  },
  600_000,
)

import * as v from 'valibot'

/** What a document knows of the numbers of its pages. */
export const Tally = v.strictObject({
  /** The last number of each page. */
  last: v.record(v.string(), v.number()),
  lost: v.number(),
  doubled: v.number(),
})
export type Tally = v.InferOutput<typeof Tally>

export const emptyTally = (): Tally => ({ last: {}, lost: 0, doubled: 0 })

/** Counts a number of a page. */
export function count(tally: Tally, page: string, number: number): void {
  const expected = (tally.last[page] ?? 0) + 1
  if (number < expected) tally.doubled += 1
  else {
    tally.lost += number - expected
    tally.last[page] = number
  }
}

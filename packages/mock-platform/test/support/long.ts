import { it } from 'vitest'

/** Whether `npm run test:long` runs the tests: with as many rounds as a release needs. */
export const LONG = process.env.LONG_TESTS !== undefined

/** A test that only `npm run test:long` runs. */
export function itLong(title: string, run: () => Promise<void>): void {
  it(title, async ({ skip }) => {
    if (!LONG) skip('npm run test:long runs it')
    await run()
  })
}

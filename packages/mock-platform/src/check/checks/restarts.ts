import { Finding } from '../lab/finding.ts'
import { count, ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** A document is opened and closed for months. */
export const restarts: Check = {
  name: 'restarts',
  title: 'Starts 20 times in a row',
  tried: ({ restarts: total }) =>
    `Started and stopped the backend of one document ${count(total, 'time')}, with an edit each if it can be edited.`,
  limit: 400_000,
  needs: [],
  async run(lab) {
    const page = lab.offers('edits') ? lab.createPage() : undefined
    const ids: number[] = []
    const starts: number[] = []
    const total = lab.scale.restarts
    for (let round = 1; round <= total; round++) {
      const backend = await lab.openBackend().catch((error: unknown) => {
        throw error instanceof Finding
          ? new Finding(`Start ${round} of ${total}: ${error.message}`, error.todo)
          : error
      })
      starts.push(backend.readyAfter)
      if (page) {
        const edits = await lab.connect(page, backend)
        const missing = await lab.missing(edits, ids)
        if (missing.length > 0)
          throw new Finding(
            `At start ${round}, ${missing.length} of ${count(ids.length, 'edit')} were lost.`,
            ADVICE,
          )
        ids.push(await lab.edit(edits))
        edits.close()
      }
      // How it stops is what another check is for.
      await backend.stop()
    }
    const [first = 0, ...others] = starts
    const slowest = Math.max(...others, first)
    return pass(
      `All ${count(total, 'start')} were Ready: the first after ${ms(first)}, the slowest after ${ms(slowest)}.${page ? ' No edit was lost.' : ''}`,
    )
  },
}

const ADVICE = 'Save everything before the exit, and read it before listening.'

import { within } from '../lab/deadline.ts'
import { Finding } from '../lab/finding.ts'
import { count, ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** How long all edits may take, in ms. */
const LIMIT = 120_000

/** A page that was offline for long sends all that it has kept. */
export const edits: Check = {
  name: 'edits',
  title: 'Takes 10,000 edits at once',
  tried: ({ edits: total }) =>
    `Sent ${count(total, 'edit')} without waiting, as a page that comes back, and read them over a new connection.`,
  limit: 240_000,
  needs: ['edits'],
  async run(lab) {
    const total = lab.scale.edits
    const page = lab.createPage()
    const backend = await lab.openBackend()
    const connection = await lab.connect(page, backend, { kept: total })
    const ids = Array.from({ length: total }, () => lab.newEdit())
    const since = performance.now()
    const late = () =>
      new Finding(`Not all of ${count(total, 'edit')} were confirmed within ${LIMIT / 1000} s.`, ADVICE)
    const all = Promise.all(ids.map((id) => connection.edit(id))).catch((error: unknown) => {
      throw error instanceof Finding
        ? new Finding(`After ${ms(performance.now() - since)}: ${error.message}`, ADVICE)
        : error
    })
    await within(all, LIMIT, lab.signal, late)
    const took = performance.now() - since
    connection.close()
    const missing = await lab.missing(await lab.connect(page, backend), ids)
    if (missing.length > 0)
      throw new Finding(`It confirmed ${count(total, 'edit')}, and ${missing.length} are missing.`, ADVICE)
    return pass(`It confirmed ${count(total, 'edit')} in ${ms(took)}, and has them all.`)
  },
}

const ADVICE =
  'Take what a page has kept without a limit of its rate, and save many edits in one write. PROTOCOL.md, "Once each", says how many there can be.'

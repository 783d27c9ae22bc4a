import { Finding } from '../lab/finding.ts'
import { ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** What the other checks with edits build on. */
export const saves: Check = {
  name: 'saves',
  title: 'Keeps edits when it stops',
  tried: () =>
    'Made an edit, waited until it was confirmed as saved, stopped the backend by SIGTERM, started it again, and read the edits.',
  limit: 90_000,
  needs: ['edits'],
  async run(lab) {
    const page = lab.createPage()
    const backend = await lab.openBackend()
    const edits = await lab.connect(page, backend)
    const since = performance.now()
    const id = await lab.edit(edits)
    const took = performance.now() - since
    edits.close()
    await backend.stop()
    const again = await lab.connect(page, await lab.openBackend())
    const missing = await lab.missing(again, [id])
    if (missing.length === 0)
      return pass(`It confirmed an edit after ${ms(took)}, and had it after the restart.`)
    throw new Finding(
      `It confirmed an edit as saved after ${ms(took)}, and had lost it after the restart.`,
      'Confirm an edit only once it is on the disk, and load the document before listening.',
    )
  },
}

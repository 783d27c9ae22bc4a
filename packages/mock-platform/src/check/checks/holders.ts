import { Finding } from '../lab/finding.ts'
import { type Check, pass } from './check.ts'
import { OUTDATED_TODO, tryOutdatedEdit } from './outdated-edit.ts'

/** A backend may lose its lock without noticing, and go on next to its successor. */
export const holders: Check = {
  name: 'holders',
  title: 'Gives way to a second holder of its document',
  tried: () =>
    'Ran two backends of one document at once, as after a network partition. Edited on the second one, which has the higher token, then on the first one.',
  limit: 120_000,
  needs: ['edits'],
  async run(lab) {
    const earlier = await lab.openPlatform()
    const later = await lab.openPlatform()
    const [firstPage, secondPage] = [lab.createPage(), lab.createPage()]
    const first = await earlier.openBackend(lab.documentId)
    const onFirst = await lab.connect(firstPage, first)
    const before = [await lab.edit(onFirst)]

    const second = await later.openBackend(lab.documentId)
    const onSecond = await lab.connect(secondPage, second)
    const after = [await lab.edit(onSecond)]
    const how = await tryOutdatedEdit(lab, firstPage, first, onFirst)
    onFirst.close()
    if (!first.end) await first.stop()
    onSecond.close()
    await second.stop()

    const last = await later.openBackend(lab.documentId)
    const lost = [
      ...(await lab.missing(await lab.connect(firstPage, last), before)),
      ...(await lab.missing(await lab.connect(secondPage, last), after)),
    ]
    if (lost.length > 0) {
      throw new Finding(
        `Two holders at once lost ${lost.length} of 2 edits that were confirmed.`,
        OUTDATED_TODO,
      )
    }
    return pass(`The first one ${how}. The edits of both were kept.`)
  },
}

import { Finding } from '../lab/finding.ts'
import type { LabPlatform } from '../lab/lab-platform.ts'
import { type Check, pass } from './check.ts'
import { OUTDATED_TODO, tryOutdatedEdit } from './outdated-edit.ts'

/** PROTOCOL.md: "Fencing". */
export const fencing: Check = {
  name: 'fencing',
  title: 'Refuses an outdated fencing token',
  tried: () =>
    'Saved an edit, then started the backend again with a lower SESSION_BACKEND_FENCING_TOKEN on the same storage, and made an edit there.',
  limit: 120_000,
  needs: ['edits'],
  async run(lab) {
    const earlier = await lab.openPlatform()
    const later = await lab.openPlatform()
    const page = lab.createPage()
    const owner = await later.openBackend(lab.documentId)
    const edits = await lab.connect(page, owner)
    const saved = [await lab.edit(edits)]
    edits.close()
    await owner.stop()

    const refusal = await tryOutdated(earlier)
    const again = await lab.connect(page, await later.openBackend(lab.documentId))
    const missing = await lab.missing(again, saved)
    if (missing.length === 0) return pass(refusal)
    throw new Finding('An outdated backend overwrote an edit of its successor.', OUTDATED_TODO)

    /** Resolves to how the outdated backend was refused. */
    async function tryOutdated(platform: LabPlatform): Promise<string> {
      try {
        const outdated = await platform.openBackend(lab.documentId)
        const how = await tryOutdatedEdit(lab, lab.createPage(), outdated)
        if (!outdated.end) await outdated.stop()
        return `With the lower token it was Ready, but ${how}.`
      } catch (error) {
        if (!(error instanceof Finding) || error.todo === OUTDATED_TODO) throw error
        return `With the lower token it did not start: ${error.message}`
      }
    }
  },
}

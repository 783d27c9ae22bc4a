import { setTimeout as delay } from 'node:timers/promises'
import type { BackendInLab } from '../lab/backend-in-lab.ts'
import type { Edits } from '../lab/editing.ts'
import { Finding } from '../lab/finding.ts'
import type { Lab } from '../lab/lab.ts'
import { count } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** The pause between two edits, in ms. */
const PAUSE = 10
/** The latest moment of a kill, as a multiple of the time until an edit was confirmed. */
const LATEST = 1.5

/** A machine can be lost at any moment. */
export const kill: Check = {
  name: 'kill',
  title: 'Survives SIGKILL in the middle of a save',
  tried: ({ kills }) =>
    `Made an edit every ${PAUSE} ms and killed the backend by SIGKILL, ${kills} times at different moments of a save. Started it again each time, and read the edits.`,
  limit: 240_000,
  needs: ['edits'],
  async run(lab) {
    const page = lab.createPage()
    const confirmed: number[] = []
    let unconfirmed = 0
    for (let round = 0; round < lab.scale.kills; round++) {
      const backend = await lab.openBackend().catch((error: unknown) => {
        throw round === 0 || !(error instanceof Finding) ? error : notAgain(error)
      })
      const edits = await lab.connect(page, backend)
      await throwIfMissing(lab, edits, confirmed)
      const since = performance.now()
      confirmed.push(await lab.edit(edits))
      const took = performance.now() - since
      const killAfter = (took * LATEST * (round + 1)) / lab.scale.kills
      unconfirmed += await editAndKill({ lab, backend, edits, killAfter, confirmed })
      edits.close()
    }
    const last = await lab.connect(page, await lab.openBackend())
    await throwIfMissing(lab, last, confirmed)
    return pass(
      `It was killed ${count(lab.scale.kills, 'time')}, with ${count(unconfirmed, 'edit')} under way, and kept all ${count(confirmed.length, 'edit')} that it had confirmed.`,
    )
  },
}

interface Work {
  lab: Lab
  backend: BackendInLab
  edits: Edits
  killAfter: number
  /** Gets the ids of the edits that are confirmed. */
  confirmed: number[]
}

/** Edits until the backend is killed. Resolves to the number of edits that were not confirmed. */
async function editAndKill({ lab, backend, edits, killAfter, confirmed }: Work): Promise<number> {
  let open = 0
  const deadline = performance.now() + killAfter
  while (performance.now() < deadline) {
    const id = lab.newEdit()
    open++
    const done = () => {
      confirmed.push(id)
      open--
    }
    // The kill is what makes it fail.
    edits.edit(id).then(done, () => {})
    await delay(PAUSE)
  }
  await backend.kill()
  return open
}

async function throwIfMissing(lab: Lab, edits: Edits, confirmed: readonly number[]): Promise<void> {
  const missing = await lab.missing(edits, confirmed)
  if (missing.length === 0) return
  throw new Finding(
    `After SIGKILL it had lost ${missing.length} of ${count(confirmed.length, 'edit')} that it had confirmed as saved.`,
    'Write a new file, flush it, and rename it over the old one; or commit a transaction. Confirm an edit only after that.',
  )
}

function notAgain({ message }: Finding): Finding {
  return new Finding(
    `After SIGKILL it did not start again. ${message}`,
    'A save that was cut off must not keep the document from opening: write a new file, flush it, and rename it over the old one.',
  )
}

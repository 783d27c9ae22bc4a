import { ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** The platform shows a document's page once its backend is Ready. */
export const ready: Check = {
  name: 'ready',
  title: 'Becomes Ready',
  tried: () => 'Spawned a backend, and waited until it listened on its port.',
  limit: 330_000,
  needs: [],
  async run(lab) {
    const { readyAfter } = await lab.openBackend()
    return pass(`It was Ready after ${ms(readyAfter)}.`)
  },
}

import { setTimeout as delay } from 'node:timers/promises'
import { accepts } from '../../runtime/listening.ts'
import { Finding } from '../lab/finding.ts'
import { ms } from '../lab/words.ts'
import { type Check, notTried, pass } from './check.ts'

/** The pause between two looks at the pool, in ms. */
const PAUSE = 50
/** How long a program that already listens is waited for, in ms. */
const PATIENCE = 3_000

/** PROTOCOL.md: "Warm pools". */
export const warm: Check = {
  name: 'warm',
  title: 'Starts from a warm pool',
  tried: () =>
    'Started the program before any document needed it, with the socket of a warm pool, and then opened a document.',
  limit: 180_000,
  needs: [],
  async run(lab) {
    const cold = (await lab.openBackend(`${lab.documentId}-cold`)).readyAfter
    const platform = await lab.openPlatform({ warm: 1 })
    const deadline = performance.now() + lab.subject.startTimeoutSeconds * 1000
    let listensSince: number | undefined
    while (!(await platform.isWarm())) {
      const [port, ...others] = await platform.ports()
      if (port !== undefined && (await accepts('127.0.0.1', port))) listensSince ??= performance.now()
      if (listensSince !== undefined && performance.now() - listensSince > PATIENCE) return notTried(NO_PART)
      // The pool starts another one if the first has failed.
      if (others.length > 0 || performance.now() > deadline) {
        throw new Finding(await platform.whyCold(lab.documentId), ADVICE)
      }
      await delay(PAUSE, undefined, { signal: lab.signal })
    }
    const backend = await platform.openBackend(lab.documentId)
    return pass(
      `It was Ready ${ms(backend.readyAfter)} after its document was opened, and ${ms(cold)} without a pool.`,
    )
  },
}

const NO_PART = `It listened on its port and did not say \`Warmed\` within ${PATIENCE / 1000} s, so it takes no part in warm pools. Only services with \`warm\` need that.`
const ADVICE =
  'Speak the protocol of PROTOCOL.md, "Warm pools". `backendAssignment` and `runBackend` of @session-backend/backend do. What belongs to a document, such as its variables, is known only after its assignment.'

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { closeFrame } from '../lab/close-frame.ts'
import { Finding } from '../lab/finding.ts'
import { openRawPage } from '../lab/raw-page.ts'
import { ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** A page whose network is gone closes nothing. */
export const silentPage: Check = {
  name: 'silent-page',
  title: 'Notices a page that has vanished',
  tried: ({ silence }) =>
    `Connected a page that answers no ping, and waited for up to ${ms(silence)} until it was closed or cut.`,
  limit: 180_000,
  needs: ['websocket'],
  async run(lab) {
    const backend = await lab.openBackend()
    const socket = await openRawPage(backend.url, lab.signal)
    const since = performance.now()
    // It is read, as the kernel of a machine that is gone would not: only so the end is seen.
    const end = await Promise.race([
      closeFrame(socket).then(() => 'closed'),
      once(socket, 'close').then(() => 'cut'),
      delay(lab.scale.silence, undefined, { signal: lab.signal }),
    ])
    socket.destroy()
    if (end) return pass(`It ${end} the connection after ${ms(performance.now() - since)}.`)
    throw new Finding(
      `After ${ms(lab.scale.silence)} the page was still connected.`,
      'Ping each page every 20 s or so, and cut those that did not answer the last ping. Otherwise people who are gone stay on the list, and keep the backend from being swept.',
    )
  },
}

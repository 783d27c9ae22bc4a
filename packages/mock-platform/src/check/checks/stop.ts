import { TERMINATE_LIMIT } from '../../backends/backend.ts'
import type { End } from '../lab/backend-in-lab.ts'
import { Finding } from '../lab/finding.ts'
import { inWords } from '../lab/page-socket.ts'
import { ms } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** As shells count an exit that SIGTERM has led to. */
const EXIT_BY_SIGTERM = 143

/** PROTOCOL.md: "The end". */
export const stop: Check = {
  name: 'stop',
  title: 'Stops by SIGTERM within 10 s',
  tried: () =>
    'Sent SIGTERM, as for a roll-out or an idle backend, while a page was connected if it has a WebSocket.',
  limit: 90_000,
  needs: [],
  async run(lab) {
    const backend = await lab.openBackend()
    const page = lab.offers('websocket') ? await lab.openPage(backend) : undefined
    const end = await backend.stop()
    throwIfBad(end)
    const exit = `It exited with code ${end.exit?.code} after ${ms(end.took)}.`
    const closing = await page?.closed
    if (!closing) return pass(exit)
    const advice =
      closing.code === 1012 ? '' : ' Pages reconnect faster after 1012 (PROTOCOL.md, "Close codes").'
    return pass(`${exit} The page was ${inWords(closing)}.${advice}`)
  },
}

/** Throws if it was killed, didn't handle the signal, or says that it failed. */
function throwIfBad({ exit, took }: End): void {
  if (exit?.signal === 'SIGKILL' || took >= TERMINATE_LIMIT) {
    throw new Finding(
      'It still ran 10 s after SIGTERM, and was killed.',
      'Save, close all connections, and exit. A server that only stops accepting (`server.close()`) waits for its open connections.',
    )
  }
  if (exit?.signal) {
    throw new Finding(
      `It doesn't handle ${exit.signal}, which ended it at once.`,
      'Handle SIGTERM: save, close the connections, exit with 0. The first process of a container ignores a signal that it does not handle, and is killed after 10 s. If a shell runs the program, start it with `exec`.',
    )
  }
  if (exit?.code !== 0 && exit?.code !== EXIT_BY_SIGTERM) {
    throw new Finding(
      `It exited with code ${exit?.code} after SIGTERM.`,
      'Exit with 0 if everything was saved. Its log says what failed.',
    )
  }
}

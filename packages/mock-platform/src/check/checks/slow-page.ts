import { setTimeout as delay } from 'node:timers/promises'
import { Finding } from '../lab/finding.ts'
import { openRawPage, pings, writeAll } from '../lab/raw-page.ts'
import { size } from '../lab/words.ts'
import { type Check, pass } from './check.ts'

/** How much is written at a time, in bytes. */
const CHUNK = 64 * 1024
/** If the backend reads nothing for so long, it waits for the page, in ms. */
const PATIENCE = 3_000
/** How often the memory is looked at, and how often after all was written, in ms. */
const LOOK_EVERY = 100
const LOOKS_AFTER = 5

/** What a page doesn't read must not fill the backend's memory. */
export const slowPage: Check = {
  name: 'slow-page',
  title: 'Keeps its memory bounded when a page stops reading',
  tried: ({ unread }) =>
    `Connected a page that reads nothing and sends ${size(unread)} of pings, which a WebSocket server answers. Looked at the memory of the backend.`,
  limit: 120_000,
  needs: ['websocket', 'linux'],
  async run(lab) {
    const backend = await lab.openBackend()
    const socket = await openRawPage(backend.url, lab.signal)
    const before = await backend.processes.memory()
    let highest = before
    const look = async () => {
      highest = Math.max(highest, await backend.processes.memory())
    }
    let writing = true
    const written = writeAll(socket, pings(CHUNK), lab.scale.unread, PATIENCE).finally(() => {
      writing = false
    })
    while (writing) {
      await look()
      await delay(LOOK_EVERY, undefined, { signal: lab.signal })
    }
    const readAll = await written
    for (let i = 0; i < LOOKS_AFTER; i++) {
      await look()
      await delay(LOOK_EVERY, undefined, { signal: lab.signal })
    }
    const wasCut = socket.destroyed
    socket.destroy()
    const growth = highest - before
    const what = wasCut
      ? 'cut the connection'
      : readAll
        ? 'read everything'
        : 'stopped reading until the page reads'
    const happened = `It ${what}. Its memory grew by ${size(growth)}, to ${size(highest)}.`
    backend.throwIfEnded()
    if (growth > lab.scale.unreadLimit) throw new Finding(happened, ADVICE)
    await lab.openPage(backend)
    return pass(`${happened} The limit is ${size(lab.scale.unreadLimit)}.`)
  },
}

const ADVICE =
  'Before each message to a page, compare what it has not read yet (`bufferedAmount` of ws) with a limit, and cut the page above it. For answers to pings, ws 8.23 does so itself; older versions have no limit.'

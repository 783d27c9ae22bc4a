import { setTimeout as delay } from 'node:timers/promises'
import type { BackendInLab } from '../lab/backend-in-lab.ts'
import type { Edits } from '../lab/editing.ts'
import { Finding } from '../lab/finding.ts'
import type { Lab } from '../lab/lab.ts'
import type { Tap } from '../lab/tap.ts'
import { count, size } from '../lab/words.ts'
import { type Check, notTried, pass } from './check.ts'

/** How large an edit should be, if its size can be chosen, in bytes. */
const EDIT_SIZE = 16 * 1024
/** How much is sent before the other pages are waited for, in bytes. */
const WAVE = 256 * 1024
/** How many edits a page makes, which are what a page may have kept. */
const EDITS_OF_A_PAGE = 10_000
/** How many edits there are before their size is known, in a wave at most, and in all at most. */
const FIRST_WAVE = 10
const MAX_WAVE = 1_000
const MAX_EDITS = 3 * EDITS_OF_A_PAGE
/** How long a wave may take to reach another page, and how long all may take, in ms. */
const WAVE_LIMIT = 10_000
const LIMIT = 150_000
/** If nothing comes for so long, everything has come, in ms. */
const QUIET = 2_000
const LOOK_EVERY = 20
/** Pages get slightly different amounts, and an amount is only estimated, from that of the first edits. */
const NEARLY_ALL = 0.9

/** Messages that a page doesn't read must not be kept for it without a limit. */
export const unreadEdits: Check = {
  name: 'unread-edits',
  title: 'Keeps no endless backlog for a page that stops reading',
  tried: ({ backlog }) =>
    `Connected two pages, one of which stopped reading, and made edits until the other one had got ${size(backlog)}. Then the first one read on.`,
  limit: 300_000,
  needs: ['edits'],
  waitsForNoSave: true,
  async run(lab) {
    const backend = await lab.openBackend()
    const [slow, reading] = [await lab.openTap(backend), await lab.openTap(backend)]
    for (const tap of [slow, reading]) await lab.connect(lab.createPage(), backend, { through: tap })
    await whenQuiet(lab, [slow, reading])
    slow.stopReading()
    const before = { slow: slow.received, reading: reading.received }
    const edited = await edit(lab, backend, reading)
    const sent = reading.received - before.reading
    backend.throwIfEnded()
    if (sent < lab.scale.backlog) {
      return notTried(
        `${count(edited, 'edit')} reached other pages as ${size(sent)}, which the system's buffers can hold. With a longer --message, or edits of the \`size\` that --edits is asked for, it can be tried.`,
      )
    }
    slow.readOn()
    await whenQuiet(lab, [slow])
    const got = slow.received - before.slow
    if (got >= NEARLY_ALL * sent) {
      throw new Finding(
        `It kept all ${size(sent)} for a page that read nothing, and sent them when the page read on.`,
        ADVICE,
      )
    }
    backend.throwIfEnded()
    const how = slow.isClosed ? 'It cut the page that read nothing' : 'It left messages out'
    return pass(`${how}, which got ${size(got)} of ${size(sent)}.`)
  },
}

/** Edits until `reading` has got enough, or can't. Resolves to the number of edits. */
async function edit(lab: Lab, backend: BackendInLab, reading: Tap): Promise<number> {
  const { backlog } = lab.scale
  const begin = reading.received
  const deadline = performance.now() + LIMIT
  let failure: unknown
  let edited = 0
  let left = 0
  let edits: Edits | undefined
  const send = async (wave: number, hasArrived: (before: number) => boolean) => {
    if (!edits || left < wave) {
      edits = await lab.connect(lab.createPage(), backend, { kept: EDITS_OF_A_PAGE })
      left = EDITS_OF_A_PAGE
    }
    const before = reading.received
    for (let i = 0; i < wave; i++) {
      edits.edit(lab.newEdit(), EDIT_SIZE).catch((error: unknown) => {
        failure ??= error
      })
    }
    edited += wave
    left -= wave
    const end = performance.now() + WAVE_LIMIT
    while (!hasArrived(before) && performance.now() < end) {
      if (failure !== undefined) throw failure
      await delay(LOOK_EVERY, undefined, { signal: lab.signal })
    }
    return hasArrived(before)
  }

  await send(FIRST_WAVE, (before) => reading.received > before)
  await whenQuiet(lab, [reading])
  const each = (reading.received - begin) / FIRST_WAVE
  if (each * MAX_EDITS < backlog) return edited
  const wave = Math.min(Math.max(Math.floor(WAVE / each), FIRST_WAVE), MAX_WAVE)
  const hasArrived = (before: number) => reading.received - before >= NEARLY_ALL * each * wave
  let arrives = true
  // A document can be full.
  while (arrives && reading.received - begin < backlog && performance.now() < deadline) {
    arrives = await send(wave, hasArrived)
  }
  return edited
}

/** Resolves when nothing has come for a while, or everything is closed. */
async function whenQuiet(lab: Lab, taps: readonly Tap[]): Promise<void> {
  const total = () => taps.reduce((sum, tap) => sum + tap.received, 0)
  let last = total()
  let since = performance.now()
  while (performance.now() - since < QUIET && !taps.every((tap) => tap.isClosed)) {
    await delay(LOOK_EVERY, undefined, { signal: lab.signal })
    if (total() !== last) since = performance.now()
    last = total()
  }
}

const ADVICE =
  'Before each message to a page, compare what it has not read yet (`bufferedAmount` of ws) with a limit, and cut the page above it: it reads the document again when it comes back.'

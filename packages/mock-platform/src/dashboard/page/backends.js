import { find, setShown, setText, showList } from './dom.js'
import { showEnded } from './ended.js'
import { createRow, liveTitle, matches, updateRow } from './live.js'
import { say } from './say.js'
import { createShelves } from './shelves.js'
import { counted } from './text.js'
import { toneOf } from './timeline.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

const list = find('#live', HTMLElement)
const filter = find('#filter', HTMLInputElement)
const settle = find('#settle', HTMLButtonElement)
const sort = createShelves()
/** @type {import('./shelves.js').Place} */
let place = null
let settlesNow = false
/** @type {import('../snapshot.ts').Snapshot | undefined} */
let latest

/** @param {import('../snapshot.ts').Snapshot} snapshot */
export function showBackends(snapshot) {
  sayFailures(snapshot.backends)
  latest = snapshot
  const { backends, now } = snapshot
  const shelves = sort(backends, settlesNow ? null : place, isHeld)
  settlesNow = false
  const query = filter.value.trim().toLowerCase()
  const live = shelves.live.filter((backend) => matches(backend, query))
  showList(
    list,
    live,
    ({ name }) => name,
    createRow,
    (row, backend) => updateRow(row, backend, now),
  )
  showEnded(shelves.ended, { total: snapshot.ended, query, now })
  setText(find('#live-title', HTMLElement), liveTitle(backends.filter((backend) => backend.live).length))
  const empty = find('#no-backends', HTMLElement)
  setShown(empty, shelves.live.length === 0)
  setText(
    empty,
    `No backend is running${snapshot.ended === 0 ? ' yet' : ''}. Spawn one here, or let your app do it.`,
  )
  setShown(find('#none-live', HTMLElement), live.length === 0 && shelves.live.length > 0)
  showWaiting(shelves.waiting)
}

/**
 * A failure is the one thing that is said although nobody asked: one sentence, for all of them.
 *
 * @param {readonly Backend[]} backends
 */
function sayFailures(backends) {
  const before = new Set(latest?.backends.filter((backend) => backend.live).map(({ name }) => name))
  const failed = backends.filter((backend) => before.has(backend.name) && isBad(backend))
  const [first] = failed
  if (failed.length > 1) say(`${failed.length} backends have failed.`)
  else if (first) say(`${first.lock ?? first.name} has failed: ${first.statuses.at(-1)?.state}.`)
}

/** @param {Backend} backend */
function isBad({ statuses }) {
  return toneOf(statuses.at(-1)?.state ?? '') === 'bad'
}

/** @param {import('./shelves.js').Shelves['waiting']} waiting */
function showWaiting({ started, ended }) {
  const parts = [
    ...(started > 0 ? [`Show ${started} new`] : []),
    ...(ended > 0 ? [`Move ${counted(ended, 'ended one')} below`] : []),
  ]
  setShown(settle, parts.length > 0)
  setText(settle, parts.join(', '))
}

/**
 * Whether a backend that has ended keeps its row.
 *
 * @param {string} name
 */
function isHeld(name) {
  const row = list.querySelector(`[data-key="${CSS.escape(name)}"]`)
  // A click gives the focus too, but then the pointer says where the user is.
  return row?.querySelector('.details, :focus-visible') != null
}

function refresh() {
  if (latest) showBackends(latest)
}

settle.addEventListener('click', () => {
  settlesNow = true
  refresh()
  find('#live-title', HTMLElement).focus()
})
filter.addEventListener('input', refresh)
find('#backends', HTMLElement).addEventListener('refresh', refresh)

/** @param {PointerEvent} event */
function follow({ target }) {
  const section = target instanceof Element ? target.closest('[data-place]') : null
  const where = section instanceof HTMLElement ? section.dataset.place : undefined
  place = where === 'live' || where === 'ended' ? where : null
}
// A finger that is lifted stays where it was, until it comes down elsewhere.
document.addEventListener('pointerover', follow)
document.addEventListener('pointerdown', follow)
document.documentElement.addEventListener('pointerleave', ({ pointerType }) => {
  if (pointerType === 'mouse') place = null
})

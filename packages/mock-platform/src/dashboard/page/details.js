import { find, h, setText, showList } from './dom.js'
import { createLog } from './log.js'
import { createRoom } from './room.js'
import { counted } from './text.js'
import { showTimeline } from './timeline.js'
import { waterfall } from './waterfall.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

/**
 * What each waterfall shows, so that it is drawn again only if that has changed.
 *
 * @type {WeakMap<Element, string>}
 */
const drawn = new WeakMap()

/**
 * All that is known about one backend. Nothing in it changes its height while it is open: what is below would move.
 *
 * @param {Backend} backend
 */
export function createDetails(backend) {
  const { name, service, tag, lock, fencingToken, statuses, live } = backend
  const started = statuses[0]?.time ?? ''
  return h(
    'div',
    { class: 'details' },
    h('ol', { class: 'timeline', 'aria-label': 'Statuses' }),
    h('div', { class: 'waterfall' }),
    h(
      'dl',
      {},
      fact('Backend', name, 'mono'),
      fact('Service', tag === null ? service : `${service}, tag ${tag}`),
      fact('Lock', lock ?? 'none', lock === null ? 'quiet' : 'mono'),
      fact('Fencing token', String(fencingToken), 'mono'),
      fact('Spawned', new Date(started).toLocaleString([], { hour12: false })),
    ),
    h(
      'dl',
      { class: 'changing' },
      h('div', {}, h('dt', {}, 'People'), h('dd', { class: 'people', tabindex: '0' })),
      h('div', {}, h('dt', { class: 'end-label' }), h('dd', { class: 'end', tabindex: '0' })),
      ...(live ? [h('div', {}, h('dt', {}, 'Room'), createRoom(name))] : []),
    ),
    createLog(name, lock ?? name),
  )
}

/**
 * @param {ParentNode} details
 * @param {Backend} backend
 * @param {number} now
 */
export function updateDetails(details, backend, now) {
  const { live, connections, people, gracePeriod, reason } = backend
  showTimeline(find('.timeline', HTMLElement, details), backend, now)
  showWaterfall(find('.waterfall', HTMLElement, details), backend)
  const named = people.reduce((sum, person) => sum + person.connections, 0)
  const others = connections - named
  const groups = [
    ...people.map((person) =>
      person.connections === 1
        ? person.user
        : `${person.user} (${counted(person.connections, 'connection')})`,
    ),
    ...(others > 0 ? [`${counted(others, 'connection')} without a user’s name`] : []),
  ]
  showList(
    find('.people', HTMLElement, details),
    groups.length === 0 ? ['Nobody is connected.'] : groups,
    (text) => text,
    (text) => h('div', {}, text),
  )
  setText(find('.end-label', HTMLElement, details), live ? 'Ends' : 'Why it ended')
  setText(
    find('.end', HTMLElement, details),
    live
      ? `After ${gracePeriod} s without a connection`
      : (reason ?? 'It was asked to end, or ended by itself.'),
  )
}

/**
 * @param {Element} place
 * @param {Backend} backend
 */
function showWaterfall(place, backend) {
  const moments = JSON.stringify(backend.waterfall)
  if (drawn.get(place) === moments) return
  drawn.set(place, moments)
  place.replaceChildren(...[waterfall(backend)].filter((drawing) => drawing !== undefined))
}

/**
 * @param {string} label
 * @param {string} value
 */
function fact(label, value, kind = '') {
  return h('div', {}, h('dt', {}, label), h('dd', { class: kind }, value))
}

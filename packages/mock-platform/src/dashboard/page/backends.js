import { find, h, setText, showList } from './dom.js'
import { showTimeline, toneOf } from './timeline.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

/** @type {readonly [action: string, label: string, title: string][]} */
const ACTIONS = [
  ['terminate', 'Terminate', 'Ends it: SIGTERM, then SIGKILL after 10 s'],
  ['crash', 'Crash', 'A fault: kills it with SIGKILL'],
  ['lose', 'Lose', 'A fault: the platform loses track of it'],
]

/**
 * Shows the backends.
 *
 * @param {Element} list
 * @param {readonly Backend[]} backends
 * @param {(name: string, action: string) => void} act
 * @param {(name: string) => void} openLog
 */
export function showBackends(list, backends, act, openLog) {
  showList(
    list,
    backends,
    ({ name }) => name,
    (backend) => create(backend, act, openLog),
    update,
  )
}

/**
 * @param {Backend} backend
 * @param {(name: string, action: string) => void} act
 * @param {(name: string) => void} openLog
 */
function create({ name, service, lock, fencingToken, gracePeriod, readyUrl }, act, openLog) {
  const id = `backend-${name}`
  return h(
    'article',
    { 'aria-labelledby': id },
    h(
      'div',
      { class: 'bar' },
      h('h3', { id, tabindex: '-1' }, h('code', {}, name), ' ', h('span', { class: 'quiet' }, service)),
      h('span', { class: 'status' }),
    ),
    h('ol', { class: 'timeline', 'aria-label': 'Statuses' }),
    h(
      'dl',
      {},
      fact('Lock', lock ?? 'none', lock === null ? 'quiet' : 'mono'),
      fact('Fencing token', String(fencingToken), 'mono'),
      fact('Connections', '0', 'connections'),
      fact('Grace period', `${gracePeriod} s`),
    ),
    h(
      'div',
      { class: 'actions', role: 'group', 'aria-label': `Actions on ${name}` },
      h('a', { class: 'open', href: readyUrl, target: '_blank', rel: 'noreferrer' }, 'Open'),
      button('Log', { title: 'Show what it printed' }, () => openLog(name)),
      ...ACTIONS.map(([action, label, title]) =>
        button(label, { title, class: 'live' }, () => act(name, action)),
      ),
    ),
  )
}

/**
 * @param {HTMLElement} card
 * @param {Backend} backend
 */
function update(card, backend) {
  const state = backend.statuses.at(-1)?.state ?? ''
  const status = find('.status', HTMLElement, card)
  setText(status, state)
  status.className = `status ${toneOf(state)}`
  setText(find('.connections', HTMLElement, card), String(backend.connections))
  for (const button of card.querySelectorAll('button.live')) button.toggleAttribute('disabled', !backend.live)
  find('.open', HTMLElement, card).hidden = !backend.live
  showTimeline(find('.timeline', HTMLElement, card), backend)
}

/**
 * @param {string} label
 * @param {string} value
 */
function fact(label, value, kind = '') {
  return h('div', {}, h('dt', {}, label), h('dd', { class: kind }, value))
}

/**
 * @param {string} label
 * @param {Readonly<Record<string, string>>} attributes
 * @param {() => void} onClick
 */
function button(label, attributes, onClick) {
  const element = h('button', { type: 'button', ...attributes }, label)
  element.addEventListener('click', onClick)
  return element
}

import { createDetails, updateDetails } from './details.js'
import { button, find, h, setShown, setText, showList } from './dom.js'
import { matches } from './live.js'
import { clockTime, roughly } from './text.js'
import { toneOf } from './timeline.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

/** How many are shown at first. */
const FIRST = 20

const table = find('#ended', HTMLTableElement)
const status = find('#ended-status', HTMLSelectElement)
const more = find('#more', HTMLButtonElement)
/** The columns that a small screen has no room for are hidden. */
const wide = matchMedia('(min-width: 50.01rem)')
let showsAll = false

status.addEventListener('change', () => table.dispatchEvent(new Event('refresh', { bubbles: true })))
more.addEventListener('click', () => {
  showsAll = !showsAll
  table.dispatchEvent(new Event('refresh', { bubbles: true }))
})

/**
 * Shows the backends that have ended.
 *
 * @param {readonly Backend[]} ended
 * @param {object} view
 * @param {number} view.total How many the platform remembers.
 * @param {string} view.query
 * @param {number} view.now
 */
export function showEnded(ended, { total, query, now }) {
  setShown(find('#ended-section', HTMLElement), ended.length > 0)
  const states = [...new Set(ended.map(lastState))].sort()
  if (status.value !== '' && !states.includes(status.value)) states.push(status.value)
  showList(
    status,
    states,
    (state) => state,
    (state) => h('option', { value: state }, state),
  )
  const found = ended.filter(
    (backend) => matches(backend, query) && (status.value === '' || lastState(backend) === status.value),
  )
  const shown = showsAll ? found : found.slice(0, FIRST)
  showList(
    table,
    shown,
    ({ name }) => name,
    create,
    (body, backend) => {
      const details = body.querySelector('.details')
      if (!details) return
      find('.details-row td', HTMLTableCellElement, body).colSpan = wide.matches ? 5 : 3
      updateDetails(details, backend, now)
    },
  )
  setShown(table, found.length > 0)
  setShown(find('#none-ended', HTMLElement), found.length === 0)
  const kept = total > ended.length ? `the last ${ended.length} of ${total}` : String(ended.length)
  setText(find('#ended-count', HTMLElement), `${shown.length} of ${kept}`)
  setShown(more, found.length > FIRST)
  setText(more, showsAll ? `Show ${FIRST}` : `Show all ${found.length}`)
}

/** @param {Backend} backend */
function lastState({ statuses }) {
  return statuses.at(-1)?.state ?? ''
}

/** @param {Backend} backend */
function create(backend) {
  const { name, service, tag, lock, statuses, reason } = backend
  const state = lastState(backend)
  const [start = '', end = ''] = [statuses[0]?.time, statuses.at(-1)?.time]
  const toggle = button('', { class: 'toggle', 'aria-expanded': 'false' }, () => {
    const details = body.querySelector('.details-row')
    if (details) details.remove()
    else body.append(h('tr', { class: 'details-row' }, h('td', {}, createDetails(backend))))
    toggle.setAttribute('aria-expanded', String(!details))
    body.dispatchEvent(new Event('refresh', { bubbles: true }))
  })
  toggle.append(
    h('span', { class: 'document' }, lock ?? 'No lock'),
    h('span', { class: 'quiet' }, [service, tag, name].filter(Boolean).join(' · ')),
  )
  const body = h(
    'tbody',
    {},
    h(
      'tr',
      {},
      h('td', {}, h('span', { class: `status ${toneOf(state)}` }, state)),
      h('td', {}, toggle),
      h('td', { class: 'wide why', title: reason ?? '' }, reason ?? ''),
      h('td', { class: 'wide' }, roughly(Date.parse(end) - Date.parse(start))),
      h('td', {}, h('time', { datetime: end, title: new Date(end).toLocaleString() }, clockTime(end))),
    ),
  )
  return body
}

import { createActions, updateActions } from './actions.js'
import { createDetails, updateDetails } from './details.js'
import { button, find, h, setText } from './dom.js'
import { counted, roughly } from './text.js'
import { toneOf } from './timeline.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

/**
 * The row of a live backend.
 *
 * @param {Backend} backend
 */
export function createRow(backend) {
  const { name, service, tag, lock, statuses } = backend
  const id = `backend-${name}`
  const toggle = button('', { id, class: 'toggle', 'aria-expanded': 'false' }, () => {
    const details = row.querySelector(':scope > .details')
    if (details) details.remove()
    else row.append(createDetails(backend))
    toggle.setAttribute('aria-expanded', String(!details))
    row.dispatchEvent(new Event('refresh', { bubbles: true }))
  })
  toggle.append(
    h('span', { class: 'status' }),
    h(
      'span',
      { class: 'what' },
      h('span', { class: 'document' }, lock ?? 'No lock'),
      h('span', { class: 'quiet' }, [service, tag, name].filter(Boolean).join(' · ')),
    ),
  )
  const row = h(
    'article',
    { class: 'row', 'aria-labelledby': id, 'data-started': statuses[0]?.time ?? '' },
    h(
      'div',
      { class: 'row-head' },
      h('h3', {}, toggle),
      h('span', { class: 'numbers' }, h('span', { class: 'connections' }), h('span', { class: 'age quiet' })),
      createActions(backend),
    ),
  )
  return row
}

/**
 * @param {HTMLElement} row
 * @param {Backend} backend
 * @param {number} now The platform's time.
 */
export function updateRow(row, backend, now) {
  const state = backend.statuses.at(-1)?.state ?? ''
  const status = find('.status', HTMLElement, row)
  setText(status, state)
  const kind = `status ${toneOf(state)}`
  if (status.className !== kind) status.className = kind
  row.classList.toggle('over', !backend.live)
  setText(find('.connections', HTMLElement, row), `${backend.connections} connected`)
  if (backend.live) {
    setText(find('.age', HTMLElement, row), roughly(now - Date.parse(row.dataset.started ?? '')))
  }
  updateActions(row, backend)
  const details = row.querySelector(':scope > .details')
  if (details) updateDetails(details, backend, now)
}

/**
 * Whether a text is found in what names a backend.
 *
 * @param {Backend} backend
 * @param {string} query In lower case.
 */
export function matches({ name, service, tag, lock, people }, query) {
  return [name, service, tag ?? '', lock ?? '', ...people.map(({ user }) => user)].some((text) =>
    text.toLowerCase().includes(query),
  )
}

/** @param {number} count */
export function liveTitle(count) {
  return count === 0 ? 'Live backends' : counted(count, 'live backend')
}

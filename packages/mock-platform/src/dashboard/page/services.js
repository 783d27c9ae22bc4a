import { find, h, setShown, setText, showList } from './dom.js'
import { counted, roughly } from './text.js'

/** @typedef {import('../snapshot.ts').ServiceView} Service */

/**
 * Shows each service: which tags its live backends run, which tells how far a roll-out is, and its warm pool.
 *
 * @param {readonly Service[]} services
 * @param {number} now The platform's time.
 */
export function showServices(services, now) {
  setShown(find('#no-services', HTMLElement), services.length === 0)
  showList(
    find('#service-list', HTMLElement),
    services,
    ({ name }) => name,
    ({ name }) =>
      h(
        'div',
        { class: 'service' },
        h('h3', {}, name),
        h('ul', { class: 'tags', 'aria-label': `Tags that run of ${name}` }),
        h('p', { class: 'warm' }),
        h('p', { class: 'problem' }),
      ),
    (element, service) => update(element, service, now),
  )
}

/**
 * @param {HTMLElement} element
 * @param {Service} service
 * @param {number} now
 */
function update(element, { tags, warm }, now) {
  const total = tags.reduce((sum, { backends }) => sum + backends, 0)
  const list = find('.tags', HTMLElement, element)
  showList(
    list,
    tags,
    ({ tag }) => `tag ${tag ?? ''}`,
    ({ tag }) =>
      h(
        'li',
        {},
        h('span', {}, tag === null ? 'No tag' : h('code', {}, tag)),
        h('span', { class: 'share' }),
        h('span', { class: 'quiet' }),
      ),
    (item, { backends, oldest }) => {
      setText(find('.share', HTMLElement, item), `${backends} of ${counted(total, 'backend')}`)
      setText(find('.quiet', HTMLElement, item), `oldest: ${roughly(now - Date.parse(oldest))}`)
    },
  )
  setShown(list, total > 0)
  setText(find('.warm', HTMLElement, element), warmText(warm, total))
  const problem = find('.problem', HTMLElement, element)
  setShown(problem, warm?.problem != null)
  setText(problem, `The last one ${warm?.problem}.`)
}

/**
 * @param {Service['warm']} warm
 * @param {number} total
 */
function warmText(warm, total) {
  if (warm === null) return total === 0 ? 'No backend, no warm pool' : 'No warm pool'
  const { wanted, warm: waiting, starting } = warm
  return `Warm pool: ${waiting} of ${wanted} waiting${starting > 0 ? `, ${starting} starting` : ''}`
}

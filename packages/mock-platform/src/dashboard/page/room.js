import { call } from './api.js'
import { h, showList } from './dom.js'

/** In ms. */
const POLL_INTERVAL = 1000

/**
 * What a backend's room counts, which is asked for as long as the element is in the page.
 *
 * @param {string} name
 */
export function createRoom(name) {
  const element = h('dd', { class: 'room', tabindex: '0' }, 'Its backend reports no stats.')

  async function read() {
    try {
      const { stats } = await call('GET', `backends/${encodeURIComponent(name)}/stats`)
      if (stats) show(stats)
    } catch {
      // What is shown stays. The page says if the platform doesn't answer.
    }
    setTimeout(() => element.isConnected && read(), POLL_INTERVAL)
  }

  /** @param {Readonly<Record<string, number>>} stats */
  function show(stats) {
    if (element.childElementCount === 0) element.replaceChildren()
    showList(
      element,
      Object.entries(stats),
      ([of]) => of,
      ([of]) => h('div', {}, h('b'), ` ${inWords(of)}`),
      (item, [, count]) => {
        const number = item.querySelector('b')
        if (number) number.textContent = String(count)
      },
    )
  }

  // It is in the page by then.
  queueMicrotask(read)
  return element
}

/**
 * `failedSaves` as people write it.
 *
 * @param {string} name
 */
function inWords(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

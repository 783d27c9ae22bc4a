import { call, messageOf } from './api.js'
import { find, h, setText } from './dom.js'

/** The most lines that are shown. */
const MAX_LINES = 2000
/** In ms. */
const POLL_INTERVAL = 500

const dialog = find('#log', HTMLDialogElement)
const lines = find('#log-lines', HTMLElement)
const follow = find('#log-follow', HTMLInputElement)
/** Counts the logs that were opened, so that an answer for one is not shown in the next. */
let opened = 0

find('#log-close', HTMLButtonElement).addEventListener('click', () => dialog.close())
dialog.addEventListener('close', () => opened++)

/**
 * Shows a backend's log, and follows it while it is shown.
 *
 * @param {string} name
 */
export function openLog(name) {
  const current = ++opened
  let after = 0
  setText(find('#log-title', HTMLElement), `Log of ${name}`)
  lines.replaceChildren()
  dialog.showModal()

  async function read() {
    let wait = POLL_INTERVAL
    try {
      const log = await call('GET', `backends/${encodeURIComponent(name)}/log?after=${after}`)
      if (current !== opened) return
      for (const { id, text } of log.lines) {
        append(text)
        after = id
      }
      if (log.ended) {
        append(after === 0 ? 'It has printed nothing.' : 'The log has ended.', 'note')
        return
      }
      if (log.more) wait = 0
    } catch (error) {
      if (current !== opened) return
      append(messageOf(error), 'note')
      wait = 5 * POLL_INTERVAL
    }
    setTimeout(() => current === opened && read(), wait)
  }
  read()
}

/** @param {string} text */
function append(text, kind = '') {
  lines.append(h('div', { class: kind }, text))
  while (lines.childElementCount > MAX_LINES) lines.firstElementChild?.remove()
  if (follow.checked) lines.scrollTop = lines.scrollHeight
}

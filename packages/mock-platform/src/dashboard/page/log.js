import { call, messageOf } from './api.js'
import { button, h, setText } from './dom.js'
import { counted } from './text.js'

/** The most lines that are shown. */
const MAX_LINES = 5000
/** In ms. */
const POLL_INTERVAL = 500

/**
 * A backend's log, which is followed as long as the element is in the page.
 *
 * @param {string} name
 * @param {string} title
 */
export function createLog(name, title) {
  const search = h('input', { type: 'search', 'aria-label': 'Search the log', placeholder: 'Search the log' })
  const count = h('span', { class: 'quiet' })
  const follow = h('input', { type: 'checkbox' })
  const copy = button('Copy', {}, copyLines)
  const lines = h('div', {
    class: 'log-lines',
    role: 'log',
    'aria-live': 'off',
    'aria-label': `Log of ${title}`,
    tabindex: '0',
  })
  const element = h(
    'div',
    { class: 'log' },
    h('div', { class: 'bar' }, search, count, h('label', { class: 'inline' }, follow, ' Follow'), copy),
    lines,
  )
  if (!(search instanceof HTMLInputElement) || !(follow instanceof HTMLInputElement)) return element
  follow.checked = true
  let after = 0
  let shown = 0
  let lastTop = 0

  async function read() {
    let wait = POLL_INTERVAL
    try {
      const log = await call('GET', `backends/${encodeURIComponent(name)}/log?after=${after}`)
      add(log.lines)
      after = log.lines.at(-1)?.id ?? after
      if (log.ended) return note(after === 0 ? 'It has printed nothing.' : 'The log has ended.')
      if (log.more) wait = 0
    } catch (error) {
      setText(count, messageOf(error))
      wait = 5 * POLL_INTERVAL
    }
    setTimeout(() => element.isConnected && read(), wait)
  }

  /** @param {readonly { id: number, text: string }[]} added */
  function add(added) {
    const [first] = added
    if (!first) return
    if (first.id > after + 1) note('Lines before this one are no longer kept.')
    const query = queryOf(search)
    const elements = added.map(({ text }) => {
      const line = h('div', {}, text)
      if (query !== '') showMatch(line, query)
      return line
    })
    lines.append(...elements)
    while (lines.childElementCount > MAX_LINES) lines.firstElementChild?.remove()
    tellCount()
    toEnd()
  }

  /** @param {string} text */
  function note(text) {
    lines.append(h('div', { class: 'note' }, text))
    toEnd()
  }

  function tellCount() {
    const all = lines.querySelectorAll('div:not(.note)').length
    shown = lines.querySelectorAll('div:not(.note, [hidden])').length
    setText(count, queryOf(search) === '' ? counted(all, 'line') : `${shown} of ${counted(all, 'line')}`)
  }

  function toEnd() {
    if (!(follow instanceof HTMLInputElement) || !follow.checked) return
    lines.scrollTop = lines.scrollHeight
    lastTop = lines.scrollTop
  }

  async function copyLines() {
    const texts = Array.from(lines.querySelectorAll('div:not(.note, [hidden])'), (line) => line.textContent)
    try {
      await navigator.clipboard.writeText(`${texts.join('\n')}\n`)
      setText(copy, `Copied ${texts.length}`)
    } catch {
      setText(copy, 'Not allowed')
    }
    setTimeout(() => setText(copy, 'Copy'), 2000)
  }

  search.addEventListener('input', () => {
    const query = queryOf(search)
    for (const line of lines.querySelectorAll('div:not(.note)')) {
      if (line instanceof HTMLElement) showMatch(line, query)
    }
    tellCount()
    toEnd()
  })
  follow.addEventListener('change', toEnd)
  // Who scrolls up wants to read, and who scrolls to the end wants to follow.
  lines.addEventListener('scroll', () => {
    const isAtEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4
    if (isAtEnd) follow.checked = true
    else if (lines.scrollTop < lastTop) follow.checked = false
    lastTop = lines.scrollTop
  })
  // It is in the page by then.
  queueMicrotask(read)
  return element
}

/** @param {HTMLElement} search */
function queryOf(search) {
  return search instanceof HTMLInputElement ? search.value.trim().toLowerCase() : ''
}

/**
 * Marks a text in a line, and hides the line if it does not have it.
 *
 * @param {HTMLElement} line
 * @param {string} query In lower case.
 */
function showMatch(line, query) {
  const text = line.textContent ?? ''
  const lower = text.toLowerCase()
  // In some languages the lower case of a letter is longer.
  const isSafe = query !== '' && lower.length === text.length
  const parts = []
  let end = 0
  for (let at = lower.indexOf(query); isSafe && at >= 0; at = lower.indexOf(query, end)) {
    parts.push(text.slice(end, at), h('mark', {}, text.slice(at, at + query.length)))
    end = at + query.length
  }
  line.hidden = !lower.includes(query)
  if (parts.length > 0 || line.childElementCount > 0) line.replaceChildren(...parts, text.slice(end))
}

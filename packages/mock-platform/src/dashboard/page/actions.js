import { call, messageOf } from './api.js'
import { button, find, h, setText } from './dom.js'
import { say } from './say.js'

/** @typedef {import('../snapshot.ts').BackendView} Backend */

/** @type {readonly { action: string, label: string, title: string, question: string }[]} */
const ACTIONS = [
  {
    action: 'terminate',
    label: 'Terminate',
    title: 'Sends SIGTERM, and SIGKILL after 10 s',
    question: 'End it gracefully?',
  },
  { action: 'crash', label: 'Crash', title: 'Sends SIGKILL, so that it fails', question: 'Kill it?' },
  { action: 'lose', label: 'Lose', title: 'The platform loses track of it', question: 'Lose track of it?' },
]

/**
 * What can be done with a backend. The question whether to do it takes the place of the buttons, so that the pointer
 * can stay where it is.
 *
 * @param {Backend} backend
 */
export function createActions({ name, lock, readyUrl }) {
  const title = lock ?? name
  const question = h('span', { class: 'question' })
  const yes = button('', { class: 'danger' }, () => {
    const { action = '', label } = yes.dataset
    close()
    act(name, action, `Asked to ${label?.toLowerCase()} ${title}.`)
  })
  const no = button('Cancel', {}, () => close())
  const confirm = h(
    'div',
    { class: 'confirm', role: 'group', 'aria-label': `Confirm for ${title}` },
    question,
    yes,
    no,
  )
  const choices = h(
    'div',
    { class: 'choices', role: 'group', 'aria-label': `Actions on ${title}` },
    h('a', { class: 'button open', href: readyUrl, target: '_blank', rel: 'noreferrer' }, 'Open'),
    ...ACTIONS.map(({ action, label, title: hint, question: text }) =>
      button(label, { class: 'live', title: hint }, ({ currentTarget }) => {
        if (currentTarget instanceof HTMLElement) ask(currentTarget, action, label, text)
      }),
    ),
  )
  /** @type {HTMLElement | undefined} */
  let asked
  const element = h('div', { class: 'actions' }, choices, confirm)

  /**
   * @param {HTMLElement} from
   * @param {string} action
   * @param {string} label
   * @param {string} text
   */
  function ask(from, action, label, text) {
    asked = from
    setText(question, text)
    setText(yes, label)
    yes.dataset.action = action
    yes.dataset.label = label
    element.classList.add('asks')
    yes.focus()
  }

  function close() {
    element.classList.remove('asks')
    if (confirm.contains(document.activeElement)) asked?.focus()
  }

  // The second click of a double click, and a key that is held down, do not answer the question.
  confirm.addEventListener('click', (event) => event.detail > 1 && event.stopPropagation(), { capture: true })
  confirm.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
    else if (event.repeat) event.preventDefault()
  })
  confirm.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !confirm.contains(relatedTarget)) close()
  })
  return element
}

/**
 * @param {ParentNode} row
 * @param {Backend} backend
 */
export function updateActions(row, { live }) {
  const element = find('.actions', HTMLElement, row)
  if (live || element.classList.contains('over')) return
  // An attribute that leaves them focusable: who has the focus here keeps it.
  element.classList.add('over')
  element.classList.remove('asks')
  for (const each of element.querySelectorAll('.live')) each.setAttribute('aria-disabled', 'true')
  find('.open', HTMLElement, element).setAttribute('aria-disabled', 'true')
  element.addEventListener(
    'click',
    (event) => {
      event.preventDefault()
      event.stopPropagation()
    },
    { capture: true },
  )
}

/**
 * @param {string} name
 * @param {string} action
 * @param {string} done
 */
async function act(name, action, done) {
  try {
    await call('POST', `backends/${encodeURIComponent(name)}/${action}`)
    say(done)
  } catch (error) {
    say(messageOf(error))
  }
}

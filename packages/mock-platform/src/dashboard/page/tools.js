import { find } from './dom.js'

const tools = find('#tools', HTMLElement)
const buttons = [...find('#tool-buttons', HTMLElement).querySelectorAll('button')]

/**
 * Opens one of the tools, which are shown one at a time on a small screen. On a large one all are in sight.
 *
 * @param {string | undefined} id Undefined closes the one that is open.
 */
function open(id) {
  for (const tool of tools.children) tool.classList.toggle('shown', tool.id === id)
  for (const button of buttons) {
    button.setAttribute('aria-expanded', String(button.getAttribute('aria-controls') === id))
  }
}

for (const button of buttons) {
  button.addEventListener('click', () => {
    const isOpen = button.getAttribute('aria-expanded') === 'true'
    open(isOpen ? undefined : (button.getAttribute('aria-controls') ?? undefined))
  })
}
find('#active-faults', HTMLButtonElement).addEventListener('click', () => {
  open('faults')
  find('#fault-list button', HTMLButtonElement).focus()
})
tools.addEventListener('keydown', (event) => {
  const current = buttons.find((button) => button.getAttribute('aria-expanded') === 'true')
  if (event.key !== 'Escape' || !current) return
  open(undefined)
  current.focus()
})

import { find, setText } from './dom.js'

/** How long a message stays, in ms. A screen reader has read it by then. */
const STAYS = 8000

const said = find('#said', HTMLElement)
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

/**
 * Tells what came of the user's own action, and that a backend has failed. Screen readers read it out: everything else
 * that happens is shown and not said.
 *
 * @param {string} text
 */
export function say(text) {
  clearTimeout(timer)
  setText(said, text)
  timer = setTimeout(() => setText(said, ''), STAYS)
}

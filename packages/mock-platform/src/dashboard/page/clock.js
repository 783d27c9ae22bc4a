import { call, messageOf } from './api.js'
import { find, setText } from './dom.js'
import { say } from './say.js'
import { roughly } from './text.js'

/** From so far ahead on the platform's clock was moved, in ms. */
const AHEAD = 2000

/** @param {number} now The platform's time. */
export function showClock(now) {
  const time = find('#now', HTMLTimeElement)
  time.dateTime = new Date(now).toISOString()
  setText(time, new Date(now).toLocaleString([], { hour12: false }))
  const ahead = now - Date.now()
  setText(find('#ahead', HTMLElement), ahead > AHEAD ? `${roughly(ahead + 500)} ahead of this computer` : '')
}

for (const button of document.querySelectorAll('[data-advance]')) {
  button.addEventListener('click', async () => {
    const ms = Number(button.getAttribute('data-advance'))
    try {
      showClock((await call('POST', 'clock/advance', { ms })).now)
      say(`The platform’s clock was moved ${roughly(ms)} forward.`)
    } catch (error) {
      say(messageOf(error))
    }
  })
}

import { find, h, setText, showList } from './dom.js'
import { clockTime, span } from './text.js'

const BAD = ['ErrorLoading', 'ErrorStarting', 'TimedOutBeforeReady', 'Failed', 'Lost']

/**
 * How a status is coloured.
 *
 * @param {string} state
 */
export function toneOf(state) {
  if (state === 'Ready') return 'good'
  if (state === 'Loading' || state === 'Starting') return 'busy'
  return BAD.includes(state) ? 'bad' : 'quiet'
}

/**
 * Shows when each status was reached, and how long it lasted: the last one of a live backend still does.
 *
 * @param {Element} list
 * @param {import('../snapshot.ts').BackendView} backend
 * @param {number} now The platform's time.
 */
export function showTimeline(list, { statuses, live }, now) {
  const steps = statuses.map(({ state, time }, i) => {
    const until = statuses[i + 1]?.time
    const end = until === undefined ? now : Date.parse(until)
    const lasted = until === undefined && !live ? undefined : Math.max(end - Date.parse(time), 0)
    return { state, time, lasted }
  })
  const total = steps.reduce((sum, { lasted = 0 }) => sum + lasted, 1)
  showList(
    list,
    steps,
    ({ state }) => state,
    ({ state, time }) =>
      h(
        'li',
        { class: toneOf(state), title: new Date(time).toLocaleString() },
        h('span', {}, state),
        h('time', { datetime: time }),
      ),
    (item, { time, lasted }) => {
      const text = lasted === undefined ? clockTime(time) : span(lasted)
      setText(find('time', HTMLTimeElement, item), text)
      item.style.flexGrow = String(lasted === undefined ? 0 : 1 + 9 * Math.sqrt(lasted / total))
    },
  )
}

import { h } from './dom.js'
import { span } from './text.js'

/** What each moment is called, in the usual order. */
const NAMES = {
  click: 'Click',
  route: 'Request to the app',
  authorized: 'Access granted',
  spawn: 'Spawn requested',
  Loading: 'Loading',
  Starting: 'Starting',
  Ready: 'Ready',
  connected: 'First connection',
  message: 'First message',
}

/** Moments that an app may not report. The others are still to come. */
const OPTIONAL = ['click', 'authorized', 'spawn']

/**
 * Draws the way of a backend's first user, from the click to the first message: each bar begins at the moment
 * before. It has the same height from its first moment to its last.
 *
 * @param {import('../snapshot.ts').BackendView} backend
 * @returns {HTMLElement | undefined} Undefined if there is nothing to draw.
 */
export function waterfall({ waterfall: moments, traceId }) {
  const times = moments.map(({ time }) => Date.parse(time))
  const [begin] = times
  if (begin === undefined) return undefined
  const total = Math.max((times.at(-1) ?? begin) - begin, 1)
  const rows = Object.entries(NAMES).flatMap(([step, name]) => {
    const at = moments.findIndex((moment) => moment.step === step)
    const time = times[at]
    if (time === undefined) return OPTIONAL.includes(step) ? [] : [row(name, '–')]
    const before = times[at - 1] ?? time
    const bar = h('span', { class: 'bar-of' })
    bar.style.marginLeft = `${(100 * (before - begin)) / total}%`
    bar.style.width = `${(100 * (time - before)) / total}%`
    return [row(name, at === 0 ? '' : `+${span(time - before)}`, bar)]
  })
  return h(
    'figure',
    {},
    h(
      'figcaption',
      {},
      h('span', {}, summary(moments, total)),
      traceId === null ? '' : h('code', {}, `trace ${traceId}`),
    ),
    h('ol', { 'aria-label': 'From the click to the first message' }, ...rows),
  )
}

/**
 * @param {string} name
 * @param {string} time
 * @param {...HTMLElement} bars
 */
function row(name, time, ...bars) {
  return h(
    'li',
    {},
    h('span', {}, name),
    h('span', { class: 'track', 'aria-hidden': 'true' }, ...bars),
    h('time', {}, time),
  )
}

/**
 * @param {import('../snapshot.ts').BackendView['waterfall']} moments
 * @param {number} total In ms.
 */
function summary(moments, total) {
  const from = moments[0]?.step === 'click' ? 'the click' : 'the request'
  const isOver = moments.some(({ step }) => step === 'message')
  return isOver ? `The first message came ${span(total)} after ${from}.` : `No message yet since ${from}.`
}

// @ts-check
import { describeMachine, load, machine } from '../shared/machine.mjs'
import { median, percentile } from '../shared/median.mjs'
import { writeResults } from '../shared/results.mjs'
import { table, targetTable } from '../shared/table.mjs'
import { atMost } from '../shared/targets.mjs'
import { HOVER } from './visit.mjs'

/** One click on each of the pages. */
/** @typedef {Record<string, Pick<import('./visit.mjs').Opening, 'shown' | 'steps'>>} Round */

/** What all others are compared with. */
const PEER = 'Hocuspocus'
/** The steps of ours, as the hook's phases tell them, and what each of them waits for. */
const STEPS = [
  ['requesting', 'the page has asked the route'],
  ['waiting', 'the route has answered; the backend starts'],
  ['connecting', 'the backend is Ready'],
  ['connected', 'the WebSocket is open'],
  ['shown', 'the first message is on the page'],
]

/** @param {Round[]} rounds @param {string} name */
function timesOf(rounds, name) {
  return rounds.flatMap((round) => round[name]?.shown ?? [])
}

/** @param {Round[]} rounds @param {string} name */
export function describeTimes(rounds, name) {
  const times = timesOf(rounds, name)
  return `${median(times).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms`
}

/** @param {Round[]} rounds @param {string} name */
function ratioOf(rounds, name) {
  return median(timesOf(rounds, name)) / median(timesOf(rounds, PEER))
}

/**
 * Prints the results, and writes them to `results`.
 * @param {Round[]} rounds
 * @param {string} settings
 */
export function report(rounds, settings) {
  const about = machine()
  const names = Object.keys(rounds[0] ?? {}).toSorted()
  const targets = [
    atMost('from a warm pool, over Hocuspocus', 1.5, ratioOf(rounds, 'warm')),
    atMost('from a warm pool, preloaded on hover, over Hocuspocus', 1, ratioOf(rounds, 'warm, preloaded')),
    atMost('from a cold start, preloaded on hover, over Hocuspocus', 1, ratioOf(rounds, 'cold, preloaded')),
  ].filter(({ value }) => Number.isFinite(value))
  const ours = names.filter((name) => name !== PEER)
  const text = [
    '# From the click to the room',
    '',
    'In Chromium, from the click on a button until the first message of a room is on the page, in ms. Each click is on a document',
    'that nobody has open, in a browser profile with no open connections. The pages are React apps bundled by Vite. Ours asks',
    'an Express route, whose backend is a process on the mock platform that runs `runBackend`. Hocuspocus has all documents in',
    `one process, and its page waits until its provider is synced. The pointer is on each button for ${HOVER} ms before the click:`,
    'preloaded means that the page preloads the document then. The pages take turns, in alternating order.',
    '',
    `${describeMachine(about)} ${settings} Load average while it ran: ${load()}.`,
    '',
    table(
      ['', 'p50', 'p95', 'p50 over Hocuspocus'],
      names.map((name) => {
        const times = timesOf(rounds, name)
        const ratio = ratioOf(rounds, name)
        return [
          name,
          median(times).toFixed(1),
          percentile(times, 0.95).toFixed(1),
          Number.isFinite(ratio) ? ratio.toFixed(2) : '–',
        ]
      }),
    ),
    '',
    targetTable(targets),
    '',
    '## Where the time goes',
    '',
    'How long after the click each step was reached: medians, in ms. What was preloaded is before the click.',
    '',
    table(
      ['', ...ours],
      STEPS.map(([step = '', meaning = '']) => [
        meaning,
        ...ours.map((name) => {
          const times = rounds.flatMap((round) => round[name]?.steps[step] ?? [])
          return times.length === 0 ? '–' : median(times).toFixed(1)
        }),
      ]),
    ),
    '',
  ].join('\n')
  writeResults('click', text, { machine: about, settings, targets, rounds })
}

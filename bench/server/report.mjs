// @ts-check
import { growthPlots, growthSection } from '../shared/growth.mjs'
import { describeMachine, machine } from '../shared/machine.mjs'
import { median } from '../shared/median.mjs'
import { writeResults } from '../shared/results.mjs'
import { table, targetTable } from '../shared/table.mjs'
import { atLeast } from '../shared/targets.mjs'

/**
 * One row of the results: what was measured, for each variant, round by round.
 * @typedef {{
 *   framework: 'Express' | 'Next',
 *   connections: number,
 *   documents: 'distinct' | 'hot',
 *   delay: number,
 *   rounds: Record<'ours' | 'hand' | 'constant', Sample>[] | Record<'ours' | 'hand', Sample>[],
 * }} Row
 */

/** @typedef {import('./measure.mjs').Sample} Sample */

/** @typedef {{ rows: Row[], bursts: { delay: number, size: number, calls: number }[] }} Results */

/**
 * The medians of a row's ratios. The two of a round are a second apart: other load on the machine slows both.
 * @param {Row} row
 */
export function ratiosOf({ rounds }) {
  return {
    perSecond: median(rounds.map(({ ours, hand }) => ours.perSecond / hand.perSecond)),
    cpu: median(rounds.map(({ ours, hand }) => ours.cpu / hand.cpu)),
    p99: median(rounds.map(({ ours, hand }) => ours.p99 / hand.p99)),
    ofConstant: median(
      rounds.map((round) =>
        'constant' in round ? round.ours.perSecond / round.constant.perSecond : Number.NaN,
      ),
    ),
  }
}

/**
 * What the results are held against: issue 19.
 * @param {Results} results
 */
function targetsOf({ rows }) {
  /** @param {Partial<Row>} wanted */
  const worst = (wanted) =>
    Math.min(
      ...rows
        .filter((row) => Object.entries(wanted).every(([key, value]) => Reflect.get(row, key) === value))
        .map((row) => ratiosOf(row).perSecond),
    )
  const busy = /** @type {const} */ ({ framework: 'Express', connections: 64, delay: 0 })
  return [
    atLeast(
      'requests per second, 64 connections, distinct documents',
      3,
      worst({ ...busy, documents: 'distinct' }),
    ),
    atLeast(
      'requests per second, 64 connections, one hot document',
      4.5,
      worst({ ...busy, documents: 'hot' }),
    ),
    atLeast('requests per second in the worst cell', 1, worst({ framework: 'Express' })),
    atLeast('requests per second of a Next route', 2, worst({ framework: 'Next' })),
  ].filter(({ value }) => Number.isFinite(value))
}

/**
 * What a request costs, with a platform that answers at once.
 * @param {Results} results
 * @returns {Record<string, import('../shared/growth.mjs').Growth>}
 */
function growthOf({ rows }) {
  /** @param {'ours' | 'hand'} name @param {Row['documents']} documents */
  const line = (name, documents) => ({
    name: `${name === 'ours' ? 'ours' : 'by hand'}, ${documents}`,
    points: rows
      .filter((row) => row.framework === 'Express' && row.delay === 0 && row.documents === documents)
      .map(
        (row) =>
          /** @type {[number, number]} */ ([
            row.connections,
            median(row.rounds.map((round) => round[name].cpu)),
          ]),
      ),
  })
  return {
    'server-growth.svg': {
      title: 'Processor time of a request, µs',
      x: 'connections',
      lines: [line('ours', 'distinct'), line('ours', 'hot'), line('hand', 'distinct'), line('hand', 'hot')],
    },
  }
}

/**
 * Prints the results, and writes them to `results`: as JSON, and as tables with the ratios first.
 * @param {Results} results
 * @param {string} settings
 */
export function report(results, settings) {
  const about = machine()
  const targets = targetsOf(results)
  const growth = growthOf(results)
  const text = [
    "# The server's routes",
    '',
    `${describeMachine(about)} ${settings}`,
    '',
    '## Targets',
    '',
    'Ours divided by the route written by hand, in alternating rounds: the medians of their ratios.',
    '',
    targetTable(targets),
    '',
    '## Every cell',
    '',
    '`req/s`, `processor` and `p99` are ours divided by the one by hand; `of constant` is ours divided by a route that answers a constant.',
    '',
    table(
      [
        '',
        'connections',
        'documents',
        'upstream',
        'req/s',
        'processor',
        'p99',
        'of constant',
        'ours req/s',
        'ours p99 ms',
        'ours µs',
        'by hand req/s',
        'by hand p99 ms',
        'by hand µs',
      ],
      results.rows.map((row) => {
        const { perSecond, cpu, p99, ofConstant } = ratiosOf(row)
        /** @param {'ours' | 'hand'} name @param {'perSecond' | 'p99' | 'cpu'} key */
        const middle = (name, key) => median(row.rounds.map((round) => round[name][key])).toFixed(0)
        return [
          row.framework,
          String(row.connections),
          row.documents,
          row.delay === 0 ? 'at once' : `${row.delay} ms`,
          ...[perSecond, cpu, p99, ofConstant].map((value) =>
            Number.isFinite(value) ? value.toFixed(2) : '–',
          ),
          ...[middle('ours', 'perSecond'), middle('ours', 'p99'), middle('ours', 'cpu')],
          ...[middle('hand', 'perSecond'), middle('hand', 'p99'), middle('hand', 'cpu')],
        ]
      }),
    ),
    '',
    ...results.bursts.map(
      ({ delay, size, calls }) =>
        `${size} simultaneous requests for one document cause ${calls.toFixed(2)} calls to a platform that answers ${delay === 0 ? 'at once' : `after ${delay} ms`}.`,
    ),
    '',
    ...growthSection(growth),
  ].join('\n')
  writeResults('server', text, { machine: about, settings, targets, ...results }, growthPlots(growth))
}

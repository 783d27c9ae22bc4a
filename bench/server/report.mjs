// @ts-check
import { describeMachine, machine } from '../shared/machine.mjs'
import { median } from '../shared/median.mjs'
import { writeResults } from '../shared/results.mjs'
import { table, targetTable } from '../shared/table.mjs'
import { atLeast, atMost } from '../shared/targets.mjs'

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
 * What the results are held against.
 * @param {Results} results
 */
function targetsOf({ rows, bursts }) {
  /** @param {Partial<Row>} wanted */
  const where = (wanted) =>
    rows.filter((row) => Object.entries(wanted).every(([key, value]) => Reflect.get(row, key) === value))
  /** @param {Partial<Row>} wanted @param {'perSecond' | 'cpu'} key */
  const all = (wanted, key) => where(wanted).map((row) => ratiosOf(row)[key])
  const express = /** @type {const} */ ({ framework: 'Express' })
  const distinct = /** @type {const} */ ({ ...express, documents: 'distinct' })
  const busy = rows.filter(({ connections, framework }) => framework === 'Express' && connections >= 64)
  /** @param {'distinct' | 'hot'} documents */
  const busyCpu = (documents) =>
    Math.max(...busy.filter((row) => row.documents === documents).map((row) => ratiosOf(row).cpu))
  return [
    atLeast(
      'requests per second, 64 connections, immediate upstream',
      2.5,
      Math.min(...all({ ...distinct, connections: 64, delay: 0 }, 'perSecond')),
    ),
    atLeast(
      'requests per second, 256 connections, upstream of 20 ms',
      1.6,
      Math.min(...all({ ...distinct, connections: 256, delay: 20 }, 'perSecond')),
    ),
    atLeast('requests per second in the worst cell', 1, Math.min(...all(express, 'perSecond'))),
    atMost(
      'processor time per request, distinct documents, 64 and 256 connections',
      0.45,
      busyCpu('distinct'),
    ),
    atMost('processor time per request, one hot document, 64 and 256 connections', 0.35, busyCpu('hot')),
    atMost('calls upstream per burst for one document', 1.5, Math.max(...bursts.map(({ calls }) => calls))),
    atLeast('requests per second of a Next route', 1.6, Math.min(...all({ framework: 'Next' }, 'perSecond'))),
  ].filter(({ value }) => Number.isFinite(value))
}

/**
 * Prints the results, and writes them to `results`: as JSON, and as tables with the ratios first.
 * @param {Results} results
 * @param {string} settings
 */
export function report(results, settings) {
  const about = machine()
  const targets = targetsOf(results)
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
  ].join('\n')
  writeResults('server', text, { machine: about, settings, targets, ...results })
}

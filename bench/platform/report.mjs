// @ts-check
import { describeMachine, machine } from '../shared/machine.mjs'
import { describeSpread } from '../shared/median.mjs'
import { plot } from '../shared/plot.mjs'
import { writeResults } from '../shared/results.mjs'
import { table, targetTable } from '../shared/table.mjs'
import { atLeast, atMost } from '../shared/targets.mjs'

/**
 * @typedef {{
 *   ready: import('./ready.mjs').ReadyRow[],
 *   proxy: import('./proxy.mjs').ProxyRow[],
 *   fanOut: import('./fan-out.mjs').FanOutRow[],
 * }} Results
 */

/** @param {Results} results */
function targetsOf({ ready, proxy, fanOut }) {
  /** @param {import('./proxy.mjs').Kind} kind @param {number} connections @param {string} name */
  const ratio = (kind, connections, name) =>
    proxy.find((row) => row.kind === kind && row.connections === connections)?.ratios[name]?.median ??
    Number.NaN
  /** @param {import('./ready.mjs').ReadyRow['from']} from @param {number} atOnce */
  const readyOf = (from, atOnce) =>
    ready.find((row) => row.from === from && row.atOnce === atOnce)?.ratio.median ?? Number.NaN
  const crowd = fanOut.find(({ readers }) => readers === 10_000)
  return [
    atMost('time to ready, over a bare process', 1.1, readyOf('cold', 1)),
    atMost('time to ready from a warm pool, over a bare process', 0.15, readyOf('warm', 1)),
    atMost('time to ready from a warm pool, 16 at once', 0.15, readyOf('warm', 16)),
    atLeast('HTTP, 64 connections, over direct', 0.4, ratio('HTTP requests', 64, 'ours')),
    atLeast('HTTP, 64 connections, over httpxy', 1.3, ratio('HTTP requests', 64, 'ours over httpxy')),
    atLeast('WebSocket messages, 64 connections, over direct', 0.65, ratio('WebSocket messages', 64, 'ours')),
    atMost('WebSocket round trip, over direct', 1.5, ratio('WebSocket round trip', 1, 'ours')),
    atMost('kB of memory for each of 10,000 idle streams', 12, (crowd?.rss.median ?? Number.NaN) / 1_000),
    atMost('one event to 10,000 readers, over one write each', 0.75, crowd?.ratio.median ?? Number.NaN),
  ].filter(({ value }) => Number.isFinite(value))
}

/**
 * @param {Results} results
 * @param {string} settings
 */
export function report(results, settings) {
  const about = machine()
  const targets = targetsOf(results)
  const text = [
    '# The mock platform',
    '',
    `${describeMachine(about)} ${settings}`,
    '',
    '## Targets',
    '',
    'Medians of alternating rounds. In the tables below, a ratio stands with the lowest and the highest round (of the times to',
    'ready: the middle half), and each row has the load average of its last minute.',
    '',
    targetTable(targets),
    '',
    ...readySection(results),
    ...proxySection(results),
    ...fanOutSection(results),
  ].join('\n')
  writeResults('platform', text, { machine: about, settings, targets, ...results }, plotsOf(results))
}

/** @param {Results} results */
function readySection({ ready }) {
  return [
    '## Time to ready',
    '',
    'From the spawn request to the first byte through the proxy, over `child_process.spawn` to the first byte of the same',
    'program.',
    '',
    table(
      ['from', 'at once', 'ratio', 'platform ms', 'bare ms', 'load'],
      ready.map((row) => [
        row.from === 'warm' ? 'a warm pool' : 'a cold start',
        String(row.atOnce),
        describeSpread(row.ratio),
        row.platform.toFixed(0),
        row.bare.toFixed(0),
        String(row.load),
      ]),
    ),
    '',
  ]
}

/** @param {Results} results */
function proxySection({ proxy }) {
  const proxies = Object.keys(proxy[0]?.ratios ?? {})
  return [
    '## Proxy',
    '',
    'Over a direct connection to the same backend; nginx has one worker. The round trip is a time: less is better.',
    '',
    table(
      ['', 'connections', ...proxies, 'direct', 'load'],
      proxy.map(({ kind, connections, ratios, values, load }) => [
        kind,
        String(connections),
        ...proxies.map((name) => (ratios[name] ? describeSpread(ratios[name]) : '–')),
        kind === 'WebSocket round trip'
          ? `${values.direct?.toFixed(3)} ms`
          : `${values.direct?.toFixed(0)} per s`,
        String(load),
      ]),
    ),
    '',
  ]
}

/** @param {Results} results */
function fanOutSection({ fanOut }) {
  return [
    '## Status fan-out',
    '',
    'One event to all readers, over a program with one `response.write` for each of its readers; memory of the platform for',
    'each idle stream.',
    '',
    table(
      ['streams', 'one event', 'platform ms', 'writes ms', 'resident bytes each', 'heap bytes each', 'load'],
      fanOut.map(({ readers, ratio, platform, writes, rss, heap, load }) => [
        String(readers),
        describeSpread(ratio),
        platform.toFixed(0),
        writes.toFixed(0),
        rss.median.toFixed(0),
        heap.median.toFixed(0),
        String(load),
      ]),
    ),
    '',
  ]
}

/** @param {Results} results @returns {Record<string, string>} */
function plotsOf({ ready, proxy, fanOut }) {
  const [cold, warm] = [
    ready.filter(({ from }) => from === 'cold'),
    ready.filter(({ from }) => from === 'warm'),
  ]
  /** @param {import('./proxy.mjs').Kind} kind */
  const throughput = (kind) => {
    const rows = proxy.filter((row) => row.kind === kind)
    return Object.keys(rows[0]?.values ?? {}).map((name) => ({
      name,
      points: rows.map((row) => /** @type {[number, number]} */ ([row.connections, row.values[name] ?? 0])),
    }))
  }
  return {
    'platform-ready.svg': plot({
      title: 'Time until all are ready, ms',
      x: 'processes that start at once',
      lines: [
        { name: 'platform', points: cold.map((row) => [row.atOnce, row.platform]) },
        { name: 'from a warm pool', points: warm.map((row) => [row.atOnce, row.platform]) },
        { name: 'bare', points: cold.map((row) => [row.atOnce, row.bare]) },
      ],
    }),
    'platform-http.svg': plot({
      title: 'HTTP requests per second',
      x: 'connections',
      lines: throughput('HTTP requests'),
    }),
    'platform-websocket.svg': plot({
      title: 'WebSocket messages per second',
      x: 'connections',
      lines: throughput('WebSocket messages'),
    }),
    'platform-memory.svg': plot({
      title: 'Memory of each idle stream, bytes',
      x: 'streams',
      lines: [
        { name: 'resident', points: fanOut.map((row) => [row.readers, row.rss.median]) },
        { name: 'heap', points: fanOut.map((row) => [row.readers, row.heap.median]) },
      ],
    }),
    'platform-broadcast.svg': plot({
      title: 'Time until every reader has one event, ms',
      x: 'readers',
      lines: [
        { name: 'platform', points: fanOut.map((row) => [row.readers, row.platform]) },
        { name: 'one write each', points: fanOut.map((row) => [row.readers, row.writes]) },
      ],
    }),
  }
}

// @ts-check
import { growthPlots, growthSection } from '../shared/growth.mjs'
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

const OVER_NGINX = 'ours over nginx'

/** @param {Results} results */
function targetsOf({ ready, proxy }) {
  /** @param {import('./proxy.mjs').Kind} kind @param {number} connections @param {string} name */
  const ratio = (kind, connections, name) =>
    proxy.find((row) => row.kind === kind && row.connections === connections)?.ratios[name]?.median ??
    Number.NaN
  /** @param {import('./ready.mjs').ReadyRow['from']} from @param {number} atOnce */
  const readyOf = (from, atOnce) =>
    ready.find((row) => row.from === from && row.atOnce === atOnce)?.ratio.median ?? Number.NaN
  return [
    atMost('time to ready, cold, over a bare process', 1.1, readyOf('cold', 1)),
    atMost('time to ready from a warm pool, over a bare process', 0.15, readyOf('warm', 1)),
    atLeast('HTTP, 64 connections, over nginx', 0.9, ratio('HTTP requests', 64, OVER_NGINX)),
    atLeast('HTTP, 256 connections, over nginx', 0.9, ratio('HTTP requests', 256, OVER_NGINX)),
    atLeast('WebSocket messages, 64 connections, over nginx', 1, ratio('WebSocket messages', 64, OVER_NGINX)),
    atLeast(
      'WebSocket messages, 256 connections, over nginx',
      1,
      ratio('WebSocket messages', 256, OVER_NGINX),
    ),
    atMost('WebSocket round trip, over nginx', 1.05, ratio('WebSocket round trip', 1, OVER_NGINX)),
  ].filter(({ value }) => Number.isFinite(value))
}

/**
 * @param {Results} results
 * @param {string} settings
 */
export function report(results, settings) {
  const about = machine()
  const targets = targetsOf(results)
  const growth = growthOf(results)
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
    ...growthSection(growth),
  ].join('\n')
  const plots = { ...plotsOf(results), ...growthPlots(growth) }
  writeResults('platform', text, { machine: about, settings, targets, ...results }, plots)
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
    'Over a direct connection to the same backend. The bare relay is the least that a proxy in Node can do: undici for requests,',
    '`pipe` for WebSockets, and no checks. nginx has one worker. The round trip is a time: less is better.',
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

/** The rows of one kind, as a line for each proxy. @param {Results} results @param {import('./proxy.mjs').Kind} kind @param {'values' | 'cpu'} what */
function linesOf({ proxy }, kind, what) {
  const rows = proxy.filter((row) => row.kind === kind)
  return Object.keys(rows[0]?.[what] ?? {}).map((name) => ({
    name,
    points: rows.map((row) => /** @type {[number, number]} */ ([row.connections, row[what][name] ?? 0])),
  }))
}

/** @param {Results} results @returns {Record<string, string>} */
function plotsOf(results) {
  return {
    'platform-http.svg': plot({
      title: 'HTTP requests per second',
      x: 'connections',
      lines: linesOf(results, 'HTTP requests', 'values'),
    }),
    'platform-websocket.svg': plot({
      title: 'WebSocket messages per second',
      x: 'connections',
      lines: linesOf(results, 'WebSocket messages', 'values'),
    }),
  }
}

/** @param {Results} results @returns {Record<string, import('../shared/growth.mjs').Growth>} */
function growthOf(results) {
  const { ready, fanOut } = results
  const [cold, warm] = [
    ready.filter(({ from }) => from === 'cold'),
    ready.filter(({ from }) => from === 'warm'),
  ]
  return {
    'platform-ready.svg': {
      title: 'Time to ready for each backend, ms',
      x: 'backends that start at once',
      lines: [
        { name: 'cold', points: cold.map((row) => [row.atOnce, row.platform / row.atOnce]) },
        { name: 'from a warm pool', points: warm.map((row) => [row.atOnce, row.platform / row.atOnce]) },
        { name: 'bare processes', points: cold.map((row) => [row.atOnce, row.bare / row.atOnce]) },
      ],
    },
    'platform-http-cpu.svg': {
      title: 'Processor time of the proxy for each HTTP request, µs',
      x: 'connections',
      lines: linesOf(results, 'HTTP requests', 'cpu'),
    },
    'platform-websocket-cpu.svg': {
      title: 'Processor time of the proxy for each WebSocket message, µs',
      x: 'connections',
      lines: linesOf(results, 'WebSocket messages', 'cpu'),
    },
    'platform-memory.svg': {
      title: 'Memory of each idle stream, bytes',
      x: 'streams',
      lines: [
        { name: 'resident', points: fanOut.map((row) => [row.readers, row.rss.median]) },
        { name: 'heap', points: fanOut.map((row) => [row.readers, row.heap.median]) },
      ],
    },
    'platform-broadcast.svg': {
      title: 'Time to send one event, for each reader, µs',
      x: 'readers',
      lines: [
        {
          name: 'platform',
          points: fanOut.map((row) => [row.readers, (row.platform / row.readers) * 1_000]),
        },
        {
          name: 'one write each',
          points: fanOut.map((row) => [row.readers, (row.writes / row.readers) * 1_000]),
        },
      ],
    },
  }
}

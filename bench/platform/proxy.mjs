// @ts-check
import { join } from 'node:path'
import { freePort } from '../shared/free-port.mjs'
import { load } from '../shared/machine.mjs'
import { median, spread } from '../shared/median.mjs'
import { startProgram } from '../shared/program.mjs'
import { sendRequests } from './http.mjs'
import { hasNginx, startNginx } from './nginx.mjs'
import { roundTrip, sendMessages } from './websocket.mjs'

/** @typedef {import('../shared/median.mjs').Spread} Spread */
/** @typedef {'HTTP requests' | 'WebSocket messages' | 'WebSocket round trip'} Kind */
/**
 * `value` is per second, or for a round trip in ms; `count` is how many requests or messages that took.
 * @typedef {{ value: number, count: number }} Measured
 */
/** A way to the backend, and the processor time of what is in between, in µs. */
/** @typedef {{ url: string, usage?: () => Promise<{ cpu: number }> }} Way */
/**
 * `ratios` are over the direct connection or over a proxy, round by round. `cpu` is the processor time of a proxy for each
 * request or message, in µs.
 * @typedef {{
 *   kind: Kind, connections: number, values: Record<string, number>, ratios: Record<string, Spread>,
 *   cpu: Record<string, number>, load: number,
 * }} ProxyRow
 */

/** @type {Record<Kind, (url: string, connections: number, seconds: number) => Promise<Measured>>} */
const MEASURES = {
  'HTTP requests': (url, connections, seconds) => sendRequests(url, { connections, seconds }),
  'WebSocket messages': (url, connections, seconds) =>
    sendMessages(url, { connections, seconds, underWay: 1 }),
  'WebSocket round trip': (url, _connections, seconds) => roundTrip(url, 1_000 * seconds),
}

/**
 * The same load on a backend directly and through each of the proxies, in turns.
 * @param {import('./mock-platform.mjs').Platform} platform
 * @param {{ cells: { kind: Kind, connections: number }[], rounds: number, seconds: number, onRow(row: ProxyRow): void }} options
 */
export async function compareProxies(platform, { cells, rounds, seconds, onRow }) {
  const session = await platform.ready('echo')
  const direct = `http://127.0.0.1:${(await fetch(session.url)).headers.get('x-port')}`
  /** @param {string} name */
  const start = (name) =>
    startProgram(join(import.meta.dirname, `programs/${name}.mjs`), { env: { TARGET: direct } })
  const [httpxy, bareRelay] = await Promise.all([start('httpxy'), start('bare-relay')])
  const nginx = hasNginx() ? await startNginx(direct, await freePort()) : undefined
  if (!nginx) console.log('nginx is not installed: its column is missing.')
  /** @type {Record<string, Way>} */
  const ways = {
    direct: { url: direct },
    ours: { url: session.url, usage: platform.usage },
    httpxy,
    'bare relay': bareRelay,
    ...(nginx && { nginx }),
  }
  try {
    for (const { url } of Object.values(ways)) {
      await sendRequests(url, { connections: 64, seconds: 2 })
      await sendMessages(url, { connections: 64, seconds: 1, underWay: 1 })
    }
    for (const { kind, connections } of cells) {
      const measured = await inTurns(ways, rounds, (url) => MEASURES[kind](url, connections, seconds))
      onRow({ kind, connections, ...measured, load: load() })
    }
  } finally {
    await Promise.all([httpxy.close(), bareRelay.close(), nginx?.close(), platform.terminate(session)])
  }
}

/**
 * @param {Record<string, Way>} ways
 * @param {number} rounds
 * @param {(url: string) => Promise<Measured>} measure
 */
async function inTurns(ways, rounds, measure) {
  const names = Object.keys(ways)
  /** @type {Record<string, { value: number, cpu: number }>[]} */
  const all = []
  for (let round = 0; round < rounds; round++) {
    /** @type {Record<string, { value: number, cpu: number }>} */
    const samples = {}
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { url, usage } = ways[name] ?? { url: '' }
      const before = await usage?.()
      const { value, count } = await measure(url)
      const after = await usage?.()
      samples[name] = { value, cpu: before && after ? (after.cpu - before.cpu) / count : Number.NaN }
    }
    all.push(samples)
  }
  /** @param {string} name @param {string} by */
  const ratio = (name, by) => spread(all.map((round) => (round[name]?.value ?? 0) / (round[by]?.value ?? 0)))
  /** @param {string} name @param {'value' | 'cpu'} what */
  const middle = (name, what) => median(all.map((round) => round[name]?.[what] ?? Number.NaN))
  const proxies = names.filter((name) => name !== 'direct')
  return {
    values: Object.fromEntries(names.map((name) => [name, middle(name, 'value')])),
    cpu: Object.fromEntries(proxies.map((name) => [name, middle(name, 'cpu')])),
    ratios: {
      ...Object.fromEntries(proxies.map((name) => [name, ratio(name, 'direct')])),
      ...Object.fromEntries(
        proxies.filter((name) => name !== 'ours').map((name) => [`ours over ${name}`, ratio('ours', name)]),
      ),
    },
  }
}

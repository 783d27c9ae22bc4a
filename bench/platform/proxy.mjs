// @ts-check
import { join } from 'node:path'
import { freePort } from '../shared/free-port.mjs'
import { load } from '../shared/machine.mjs'
import { median, spread } from '../shared/median.mjs'
import { startProgram } from '../shared/program.mjs'
import { requestsPerSecond } from './http.mjs'
import { hasNginx, startNginx } from './nginx.mjs'
import { messagesPerSecond, roundTrip } from './websocket.mjs'

/** @typedef {import('../shared/median.mjs').Spread} Spread */
/** @typedef {'HTTP requests' | 'WebSocket messages' | 'WebSocket round trip'} Kind */
/**
 * `ratios` are over the direct connection, round by round.
 * @typedef {{ kind: Kind, connections: number, values: Record<string, number>, ratios: Record<string, Spread>, load: number }} ProxyRow
 */

/** @type {Record<Kind, (url: string, connections: number, seconds: number) => Promise<number>>} */
const MEASURES = {
  'HTTP requests': (url, connections, seconds) => requestsPerSecond(url, { connections, seconds }),
  'WebSocket messages': (url, connections, seconds) =>
    messagesPerSecond(url, { connections, seconds, underWay: 1 }),
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
  const httpxy = await startProgram(join(import.meta.dirname, 'programs/httpxy.mjs'), {
    env: { TARGET: direct },
  })
  const nginx = hasNginx() ? await startNginx(direct, await freePort()) : undefined
  if (!nginx) console.log('nginx is not installed: its column is missing.')
  /** @type {Record<string, string>} */
  const urls = { direct, ours: session.url, httpxy: httpxy.url, ...(nginx && { nginx: nginx.url }) }
  try {
    for (const url of Object.values(urls)) {
      await requestsPerSecond(url, { connections: 64, seconds: 2 })
      await messagesPerSecond(url, { connections: 64, seconds: 1, underWay: 1 })
    }
    for (const { kind, connections } of cells) {
      const measured = await inTurns(urls, rounds, (url) => MEASURES[kind](url, connections, seconds))
      onRow({ kind, connections, ...measured, load: load() })
    }
  } finally {
    await Promise.all([httpxy.close(), nginx?.close(), platform.terminate(session)])
  }
}

/**
 * @param {Record<string, string>} urls
 * @param {number} rounds
 * @param {(url: string) => Promise<number>} measure
 */
async function inTurns(urls, rounds, measure) {
  const names = Object.keys(urls)
  /** @type {Record<string, number>[]} */
  const all = []
  for (let round = 0; round < rounds; round++) {
    /** @type {Record<string, number>} */
    const values = {}
    for (const name of round % 2 === 0 ? names : names.toReversed())
      values[name] = await measure(urls[name] ?? '')
    all.push(values)
  }
  /** @param {string} name @param {string} by */
  const ratio = (name, by) => spread(all.map((values) => (values[name] ?? 0) / (values[by] ?? 0)))
  const proxies = names.filter((name) => name !== 'direct')
  return {
    values: Object.fromEntries(names.map((name) => [name, median(all.map((values) => values[name] ?? 0))])),
    ratios: {
      ...Object.fromEntries(proxies.map((name) => [name, ratio(name, 'direct')])),
      'ours over httpxy': ratio('ours', 'httpxy'),
    },
  }
}

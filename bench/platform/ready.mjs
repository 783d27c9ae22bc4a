// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../shared/free-port.mjs'
import { load } from '../shared/machine.mjs'
import { median, spread } from '../shared/median.mjs'

/** How long the machine is left alone before the next start, in ms: what ends must not slow down what starts next. */
const REST = 60

/** @typedef {{ from: 'cold' | 'warm', atOnce: number, platform: number, bare: number, ratio: import('../shared/median.mjs').Spread, load: number }} ReadyRow */

/**
 * The same from a warm pool, which is full before each round: its starts must not slow down what is timed. A round in which one
 * of the backends started cold is tried again.
 * @param {import('./mock-platform.mjs').Platform} platform
 * @param {{ atOnce: number, pairs: number, pool: number }} options
 */
export function compareWarm(platform, options) {
  const startAll = async () => {
    for (;;) {
      const begun = performance.now()
      const starts = await Promise.all(
        Array.from({ length: options.atOnce }, () => startManaged(platform, 'warm')),
      )
      const time = performance.now() - begun
      for (const { end } of starts) await end()
      while ((await platform.waiting()) < options.pool) await delay(50)
      await delay(REST)
      if (starts.every(({ body }) => body === 'warm')) return time
    }
  }
  return compare('warm', options, {
    managed: startAll,
    bare: () => timeAll(options.atOnce, () => startBare('warm')),
  })
}

/**
 * From the spawn request to the first byte through the proxy, next to `spawn` and the first byte of the same program, in
 * turns. Both in ms.
 * @param {import('./mock-platform.mjs').Platform} platform
 * @param {{ atOnce: number, pairs: number }} options
 * @returns {Promise<ReadyRow>}
 */
export function compareReady(platform, options) {
  const { atOnce } = options
  return compare('cold', options, {
    managed: () => timeAll(atOnce, async () => (await startManaged(platform, 'tiny')).end),
    bare: () => timeAll(atOnce, () => startBare('tiny')),
  })
}

/**
 * @param {ReadyRow['from']} from
 * @param {{ atOnce: number, pairs: number }} options
 * @param {{ managed: () => Promise<number>, bare: () => Promise<number> }} times
 * @returns {Promise<ReadyRow>}
 */
async function compare(from, { atOnce, pairs }, times) {
  /** @type {number[]} */
  const managed = []
  /** @type {number[]} */
  const bare = []
  for (let round = 0; round < pairs; round++) {
    const turns = [async () => managed.push(await times.managed()), async () => bare.push(await times.bare())]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const ratios = managed.map((time, index) => time / (bare[index] ?? Number.NaN))
  return {
    from,
    atOnce,
    platform: median(managed),
    bare: median(bare),
    // The middle of the ratios would be another number than the ratio of the middles: the targets speak of medians.
    ratio: { ...quartiles(ratios), median: median(managed) / median(bare) },
    load: load(),
  }
}

/** @param {number[]} ratios */
function quartiles(ratios) {
  const sorted = ratios.toSorted((a, b) => a - b)
  const { low, high } = spread(sorted.slice(sorted.length >> 2, Math.ceil(sorted.length * 0.75)))
  return { low, high }
}

/** @param {number} atOnce @param {() => Promise<() => Promise<void>>} start Resolves at the first byte, to how it is ended. */
async function timeAll(atOnce, start) {
  const begin = performance.now()
  const ends = await Promise.all(Array.from({ length: atOnce }, start))
  const time = performance.now() - begin
  await Promise.all(ends.map((end) => end()))
  await delay(REST)
  return time
}

/** @param {import('./mock-platform.mjs').Platform} platform @param {string} service */
async function startManaged(platform, service) {
  const session = await platform.spawn(service)
  const body = await firstByte(session.url)
  return { body, end: () => platform.terminate(session) }
}

/** @param {string} name */
async function startBare(name) {
  const port = await freePort()
  const child = spawn(process.execPath, [join(import.meta.dirname, `programs/${name}.mjs`)], {
    // A platform's backends inherit its environment, some of which costs node time at its start.
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  await firstByte(`http://127.0.0.1:${port}/`)
  return async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

/** Resolves to what came first. @param {string} url @returns {Promise<string>} */
function firstByte(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`Answered with ${response.statusCode}.`))
      response.once('data', (chunk) => resolve(String(chunk)))
    }).on('error', reject)
  })
}

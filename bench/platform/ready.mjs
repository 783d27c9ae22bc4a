// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { join } from 'node:path'
import { freePort } from '../shared/free-port.mjs'
import { load } from '../shared/machine.mjs'
import { median, spread } from '../shared/median.mjs'

const program = join(import.meta.dirname, 'programs/tiny.mjs')

/** @typedef {{ atOnce: number, platform: number, bare: number, ratio: import('../shared/median.mjs').Spread, load: number }} ReadyRow */

/**
 * From the spawn request to the first byte through the proxy, next to `spawn` and the first byte of the same program, in
 * turns. Both in ms.
 * @param {import('./mock-platform.mjs').Platform} platform
 * @param {{ atOnce: number, pairs: number }} options
 * @returns {Promise<ReadyRow>}
 */
export async function compareReady(platform, { atOnce, pairs }) {
  /** @type {number[]} */
  const managed = []
  /** @type {number[]} */
  const bare = []
  for (let round = 0; round < pairs; round++) {
    const turns = [
      async () => managed.push(await timeAll(atOnce, () => startManaged(platform))),
      async () => bare.push(await timeAll(atOnce, startBare)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const ratios = managed.map((time, index) => time / (bare[index] ?? Number.NaN))
  return {
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
  // What ends must not slow down what starts next.
  await new Promise((resolve) => setTimeout(resolve, 60))
  return time
}

/** @param {import('./mock-platform.mjs').Platform} platform */
async function startManaged(platform) {
  const session = await platform.spawn('tiny')
  await firstByte(session.url)
  return () => platform.terminate(session)
}

async function startBare() {
  const port = await freePort()
  const child = spawn(process.execPath, [program], {
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

/** @param {string} url */
function firstByte(url) {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`Answered with ${response.statusCode}.`))
      response.once('data', resolve)
    }).on('error', reject)
  })
}

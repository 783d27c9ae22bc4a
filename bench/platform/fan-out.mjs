// @ts-check
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { load } from '../shared/machine.mjs'
import { median, spread } from '../shared/median.mjs'
import { startProgram } from '../shared/program.mjs'
import { startPlatform } from './mock-platform.mjs'

/** @typedef {import('../shared/median.mjs').Spread} Spread */
/**
 * Bytes of memory for each idle stream, and ms until every reader has one event.
 * @typedef {{ readers: number, rss: Spread, heap: Spread, platform: number, writes: number, ratio: Spread, load: number }} FanOutRow
 */

const programs = join(import.meta.dirname, 'programs')

/**
 * Many readers of one backend's status, next to a program that has one `write` for each of its readers.
 * @param {{ counts: number[], rounds: number, onRow(row: FanOutRow): void }} options
 */
export async function compareFanOut({ counts, rounds, onRow }) {
  const writes = await startProgram(join(programs, 'broadcast.mjs'))
  const readers = startReaders()
  try {
    for (const count of counts) {
      /** @type {Round[]} */
      const all = []
      for (let round = 0; round < rounds; round++) {
        const turns = [
          async () => ({ platform: await ours(readers, count) }),
          async () => ({ writes: await byHand(readers, writes.url, count) }),
        ]
        const results = []
        for (const turn of round % 2 === 0 ? turns : turns.toReversed()) results.push(await turn())
        const { platform, writes: ms = Number.NaN } = Object.assign({}, ...results)
        all.push({ ...platform, writes: ms })
      }
      onRow({
        readers: count,
        rss: spread(all.map(({ rss }) => rss)),
        heap: spread(all.map(({ heap }) => heap)),
        platform: median(all.map(({ ms }) => ms)),
        writes: median(all.map((round) => round.writes)),
        ratio: spread(all.map((round) => round.ms / round.writes)),
        load: load(),
      })
    }
  } finally {
    readers.close()
    await writes.close()
  }
}

/** @typedef {{ rss: number, heap: number, ms: number, writes: number }} Round */

/**
 * A new platform, whose memory holds nothing from before.
 * @param {ReturnType<typeof startReaders>} readers
 * @param {number} count
 */
async function ours(readers, count) {
  const platform = await startPlatform(['--expose-gc'])
  try {
    // Code is compiled and pools are filled before memory is looked at.
    const first = await platform.ready('slow-end')
    await readers.ask('open', { url: statusStream(platform.url, first), count: 200 })
    await readers.ask('leave')
    await platform.terminate(first)
    const session = await platform.ready('slow-end')
    const before = await platform.usage()
    await readers.ask('open', { url: statusStream(platform.url, session), count })
    const after = await platform.usage()
    const url = `${platform.url}/backend/${session.name}/terminate`
    const ms = Number(await readers.ask('tell', { url, token: platform.token }))
    await readers.ask('leave')
    return { rss: (after.rss - before.rss) / count, heap: (after.heap - before.heap) / count, ms }
  } finally {
    await platform.close()
  }
}

/**
 * The stream of the second version: that one tells when an end begins.
 * @param {string} origin
 * @param {import('./mock-platform.mjs').Session} session
 */
const statusStream = (origin, { name }) => `${origin}/v2/backend/${name}/status/stream`

/**
 * @param {ReturnType<typeof startReaders>} readers
 * @param {string} url
 * @param {number} count
 */
async function byHand(readers, url, count) {
  await readers.ask('open', { url, count })
  const ms = Number(await readers.ask('tell', { url, token: '' }))
  await readers.ask('leave')
  return ms
}

function startReaders() {
  const child = fork(join(programs, 'readers.mjs'))
  return {
    /** @param {'open' | 'tell' | 'leave'} kind @param {object} what */
    async ask(kind, what = {}) {
      child.send({ kind, ...what })
      const [answer] = await once(child, 'message')
      return answer
    },
    close: () => child.disconnect(),
  }
}

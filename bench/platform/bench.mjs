// @ts-check
import { describeSpread } from '../shared/median.mjs'
import { compareFanOut } from './fan-out.mjs'
import { startPlatform } from './mock-platform.mjs'
import { compareProxies } from './proxy.mjs'
import { compareReady, compareWarm } from './ready.mjs'
import { report } from './report.mjs'

/** The load at 1, 4 and 16 times: how cost grows. */
const GROWTH = [1, 4, 16]

/**
 * The shipped program: time to ready, proxy and status fan-out, each next to the least that could be done.
 * @param {{ quick: boolean }} flags
 */
export async function benchPlatform({ quick }) {
  /** @type {import('./report.mjs').Results} */
  const results = { ready: [], proxy: [], fanOut: [] }
  const startedAt = performance.now()
  const platform = await startPlatform()
  try {
    for (const atOnce of quick ? [1] : GROWTH) {
      await compareReady(platform, { atOnce, pairs: 2 })
      const row = await compareReady(platform, { atOnce, pairs: atOnce === 1 ? 20 : 10 })
      results.ready.push(row)
      console.log(`${atOnce} starting at once: ${describeSpread(row.ratio)} of bare processes`)
    }
    await compareProxies(platform, {
      cells: quick ? cells([64]) : cells(GROWTH.map((times) => 16 * times)),
      rounds: quick ? 3 : 5,
      seconds: 1,
      onRow(row) {
        results.proxy.push(row)
        const ratios = Object.entries(row.ratios).map(([name, ratio]) => `${name} ${describeSpread(ratio)}`)
        console.log(`${row.kind}, ${row.connections} connections: ${ratios.join(', ')}`)
      },
    })
  } finally {
    await platform.close()
  }
  const pool = Math.max(...GROWTH)
  const warmPlatform = await startPlatform([], { names: ['warm'], warm: pool })
  try {
    for (const atOnce of quick ? [1] : GROWTH) {
      await compareWarm(warmPlatform, { atOnce, pool, pairs: 1 })
      const row = await compareWarm(warmPlatform, { atOnce, pool, pairs: atOnce === 1 ? 20 : 10 })
      results.ready.push(row)
      console.log(`${atOnce} at once from a warm pool: ${describeSpread(row.ratio)} of bare processes`)
    }
  } finally {
    await warmPlatform.close()
  }
  await compareFanOut({
    counts: quick ? [1_000, 10_000] : [1_000, 4_000, 10_000, 16_000],
    rounds: quick ? 3 : 5,
    onRow(row) {
      results.fanOut.push(row)
      const { readers, rss, ratio } = row
      console.log(
        `${readers} streams: ${describeSpread(rss)} bytes each, one event ${describeSpread(ratio)} of writes`,
      )
    },
  })
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  report(results, `${quick ? 'A quick run' : 'A full run'}, ${minutes} minutes.`)
}

/** @param {number[]} counts */
function cells(counts) {
  return [
    ...counts.map((connections) => ({ kind: /** @type {const} */ ('HTTP requests'), connections })),
    ...counts.map((connections) => ({ kind: /** @type {const} */ ('WebSocket messages'), connections })),
    { kind: /** @type {const} */ ('WebSocket round trip'), connections: 1 },
  ]
}

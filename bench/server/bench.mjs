// @ts-check
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { startProgram } from '../shared/program.mjs'
import { callsPerBurst } from './burst.mjs'
import { compare } from './measure.mjs'
import { ratiosOf, report } from './report.mjs'

/**
 * Our routes next to a constant one and one written by hand, each in its own process.
 * @param {{ quick: boolean, next: boolean }} flags
 */
export async function benchServer(flags) {
  const connectionCounts = flags.quick ? [1, 64] : [1, 16, 64, 256]
  const load = { seconds: 1, rounds: flags.quick ? 1 : 7 }
  /** A Next route takes so long that a second has few answers. */
  const nextLoad = { seconds: 2, rounds: flags.quick ? 1 : 9 }
  /** @type {import('./report.mjs').Results} */
  const results = { rows: [], bursts: [] }
  const startedAt = performance.now()

  for (const delay of [0, 20]) {
    await withUpstream(delay, async (upstream, start) => {
      const hand = await start('by-hand.mjs')
      const ours = await start('ours.mjs')
      const apps = { constant: await start('constant.mjs'), hand, ours }
      await compare(apps, upstream, { connections: 64, documents: 'distinct', seconds: 1, rounds: 3 })
      for (const connections of connectionCounts) {
        for (const documents of /** @type {const} */ (['distinct', 'hot'])) {
          const rounds = await compare(apps, upstream, { connections, documents, ...load })
          add({ framework: 'Express', connections, documents, delay, rounds })
        }
      }
      results.bursts.push({ delay, size: 64, calls: await callsPerBurst(ours, upstream, 64) })
    })
  }

  if (flags.next) {
    buildNextApp()
    await withUpstream(0, async (upstream, start) => {
      const apps = {
        hand: { ...(await start('next.mjs')), mount: '/api/by-hand' },
        ours: await start('next.mjs'),
      }
      await compare(apps, upstream, { connections: 64, documents: 'distinct', seconds: 1, rounds: 6 })
      const rounds = await compare(apps, upstream, { connections: 64, documents: 'distinct', ...nextLoad })
      add({ framework: 'Next', connections: 64, documents: 'distinct', delay: 0, rounds })
    })
  }

  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1)
  report(
    results,
    `Rounds of ${load.seconds} s, ${load.rounds} for each variant and cell (Next: ${nextLoad.seconds} s, ${nextLoad.rounds}); ${minutes} minutes in all.`,
  )

  /** @param {import('./report.mjs').Row} row */
  function add(row) {
    results.rows.push(row)
    const { perSecond, cpu } = ratiosOf(row)
    const cell = `${row.framework}, ${row.connections} connections, ${row.documents}, upstream ${row.delay} ms`
    console.log(
      `${cell}: ${perSecond.toFixed(2)} times the requests, ${cpu.toFixed(2)} of the processor time`,
    )
  }
}

/**
 * @param {number} delay
 * @param {(
 *   upstream: import('../shared/program.mjs').Program,
 *   start: (file: string) => Promise<import('../shared/program.mjs').Program>,
 * ) => Promise<void>} work
 */
async function withUpstream(delay, work) {
  const upstream = await startApp('upstream.mjs', { DELAY: String(delay) })
  const programs = [upstream]
  try {
    await work(upstream, async (file) => {
      const program = await startApp(file, { PLATFORM_URL: upstream.url })
      programs.push(program)
      return program
    })
  } finally {
    await Promise.all(programs.map((program) => program.close()))
  }
}

/**
 * Starts one of the programs in `apps`.
 * @param {string} file
 * @param {Record<string, string>} env
 */
function startApp(file, env) {
  // What Next prints about itself is not asked for.
  return startProgram(join(import.meta.dirname, 'apps', file), { env, silent: file === 'next.mjs' })
}

function buildNextApp() {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../node_modules/next/dist/bin/next'), 'build'],
    {
      cwd: join(import.meta.dirname, 'next-app'),
      encoding: 'utf8',
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', PLATFORM_URL: 'http://127.0.0.1:9' },
    },
  )
  if (status !== 0) throw new Error(`next build failed:\n${stdout}${stderr}`)
}

import { connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { LONG } from '../support/long.ts'
import { Client, startPlatform } from '../support/platform.ts'
import { openResources, released } from '../support/resources.ts'
import { BEHAVIOURS, serveBehaviours } from './backend.ts'
import { Random } from './random.ts'
import { connectionBytes } from './requests.ts'

/** How many connections; the whole run of `npm run test:matrix` opens 20,000 on each Node. */
const CONNECTIONS = Number(process.env.FUZZ_CONNECTIONS ?? (LONG ? 20_000 : 4_500))
/** A short run ends after this long, in ms. */
const BUDGET = CONNECTIONS > 4_500 ? Number.POSITIVE_INFINITY : 30_000
/** The same seed sends the same bytes. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const AT_ONCE = 64

it(`survives broken and pipelined HTTP on thousands of connections (FUZZ_SEED=${SEED})`, async () => {
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  process.on('uncaughtException', onError).on('unhandledRejection', onError).on('warning', onError)
  onTestFinished(() => {
    process.off('uncaughtException', onError).off('unhandledRejection', onError).off('warning', onError)
  })
  const client = new Client(
    await startPlatform({
      services: { fuzz: { serve: serveBehaviours } },
      clock: new FakeClock(),
      onProblem: (problem) => {
        // A TypeError with a code is node's word about a backend's answer; one without is a defect.
        if (problem instanceof TypeError && !('code' in problem)) errors.push(problem)
      },
    }),
  )
  const session = await client.ready({}, 'fuzz')
  const { pathname, port } = new URL(session.url)
  const targets: [string, ...string[]] = [
    '/',
    '/auth',
    `/backend/${session.name}/status/stream`,
    '/p/x/y/',
    ...[...Object.keys(BEHAVIOURS), 'refuse'].map((name) => `${pathname}${name}`),
  ]
  const before = openResources()

  let opened = 0
  const deadline = performance.now() + BUDGET
  async function run(): Promise<void> {
    while (opened < CONNECTIONS && performance.now() < deadline) {
      const random = new Random(SEED + opened++)
      await sendAll(Number(port), connectionBytes(random, targets), random.below(3))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))

  expect((await client.call('/auth')).status).toBe(200)
  expect(await (await fetch(`${session.url}plain`)).text()).toBe('ok')
  // A backend is swept only if not one connection to it is counted.
  await vi.waitFor(
    async () => {
      client.platform.clock.advance(300_000)
      expect(await (await client.call(`/backend/${session.name}/status`)).json()).toMatchObject({
        state: 'Swept',
      })
    },
    { timeout: 20_000, interval: 100 },
  )
  await released(before)
  expect(errors).toEqual([])
  console.log(`${opened} connections on Node ${process.version}, FUZZ_SEED=${SEED}`)
}, 3_600_000)

/** Opens a connection, sends these bytes in as many packets, and ends it in one of three ways. */
async function sendAll(port: number, parts: Buffer[], end: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  socket.on('error', () => {}).resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const part of parts) {
    if (socket.writable && part.length > 0) await new Promise((resolve) => socket.write(part, resolve))
    await new Promise(setImmediate)
  }
  // Time for answers, in which a connection may as well end by itself.
  const timer = setTimeout(() => {
    if (end === 0) socket.destroy()
    else if (end === 1) socket.resetAndDestroy()
    else {
      socket.end()
      timeout = setTimeout(() => socket.destroy(), 200)
    }
  }, 30)
  let timeout: NodeJS.Timeout | undefined
  await closed
  clearTimeout(timer)
  clearTimeout(timeout)
}

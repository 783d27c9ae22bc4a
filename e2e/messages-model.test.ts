import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clearTimers, pass, skip, startVirtualTime, stopVirtualTime } from './messages-model/virtual-time.ts'
import { type Bug, World } from './messages-model/world.ts'

/** By hand: MODEL_RUNS=20000 MODEL_SEED=1. */
const RUNS = Number(process.env.MODEL_RUNS ?? 150)
const SEED = Number(process.env.MODEL_SEED ?? 20_261_126)

beforeEach(startVirtualTime)
afterEach(stopVirtualTime)

const tab = fc.nat({ max: 3 })
const direction = fc.constantFrom('toRoom' as const, 'toPage' as const)

/** What may happen next, in an order that fast-check chooses. */
const happening = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ what: fc.constant('send' as const), tab, count: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 400 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wait' as const), ms: fc.constant(15_000) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('look' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('invalid' as const, 'week' as const), tab }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('open' as const),
      user: fc.constantFrom('ada', 'ben'),
      persists: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('close' as const), tab }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('reload' as const), tab }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('cut' as const), tab }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('lose' as const, 'double' as const), tab, direction }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constantFrom('kill' as const, 'spawn' as const, 'hand over' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('route' as const), back: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('disk' as const), isFailing: fc.boolean() }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never

async function happen(world: World, each: Happening): Promise<void> {
  const open = world.tabs.filter(({ isOpen }) => isOpen)
  const tab = 'tab' in each ? open[each.tab % Math.max(open.length, 1)] : undefined
  switch (each.what) {
    case 'send':
      for (let count = 0; count < each.count; count++) tab?.send()
      return
    case 'pass':
    case 'wait':
      return pass(each.ms)
    case 'invalid':
      return tab?.sendInvalid()
    case 'week':
      return skip(8 * 24 * 60 * 60 * 1000)
    case 'look':
      return tab?.look()
    case 'open':
      return world.open(each.user, each.persists)
    case 'close':
      return tab?.close()
    case 'reload':
      tab?.close()
      return tab && world.open(tab.user, tab.persists)
    case 'cut':
      return tab?.wire?.cut()
    case 'lose':
    case 'double':
      tab?.wire?.mishaps[each.direction].push(each.what)
      return
    case 'kill':
      return world.alive.at(-1)?.die()
    case 'spawn':
      return world.alive.length < 3 ? world.spawn() : undefined
    case 'hand over':
      void world.alive.at(-1)?.stop()
      return world.spawn()
    case 'route':
      world.route = each.back
      return
    case 'disk':
      return world.fail(each.isFailing)
  }
}

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const totals = { sent: 0, reported: 0, handedBack: 0 }

function check(bug: Bug | undefined, numRuns: number) {
  return fc.check(
    fc.asyncProperty(
      fc.integer(),
      fc.array(happening, { minLength: 10, maxLength: 60 }),
      async (seed, happenings) => {
        const world = new World(randomOf(seed), bug)
        world.spawn()
        world.open('ada', true)
        world.open('ben', false)
        await pass(150)
        for (const each of happenings) await happen(world, each)
        await world.calm()
        totals.sent += world.tabs.reduce((sum, { sent }) => sum + sent.length, 0)
        totals.handedBack += world.tabs.reduce((sum, { handedBack }) => sum + handedBack.size, 0)
        world.end()
        clearTimers()
        if (world.problems.length > 0) throw new Error(world.problems.join('\n'))
      },
    ),
    { numRuns, seed: SEED, endOnFailure: true },
  )
}

it(`applies each message once and loses none that is saved when anything dies (${RUNS} runs)`, async () => {
  const details = await check(undefined, RUNS)
  console.log(`${RUNS} runs, seed ${SEED}: ${totals.sent} messages sent, ${totals.handedBack} handed back`)
  expect(details.failed ? [String(details.errorInstance), fc.defaultReportMessage(details)] : []).toEqual([])
}, 3_600_000)

it.each<Bug>([
  'saved before it is written',
  'cursors in a second write',
  'reading without a claim',
  'replay without order',
])(
  'would find this bug: %s',
  async (bug) => {
    const details = await check(bug, 2_000)
    expect(details.failed).toBe(true)
    console.log(`${bug}: found in run ${details.numRuns}`)
  },
  600_000,
)

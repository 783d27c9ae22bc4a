import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { createSessionBackends, type SessionBackends } from '../../src/index.ts'
import { POST } from '../support/backends.ts'
import { LOOK_FATES, SPAWN_FATES, UnreliablePlatform } from '../support/unreliable-platform.ts'

const LIMIT = 2
const DOCUMENTS = ['a', 'b', 'c', 'd']

/** Two objects of one app on one platform, and the time that passes for them. */
class World {
  readonly clock = new FakeClock()
  readonly upstream: UnreliablePlatform
  readonly apps: SessionBackends[]
  readonly #closing: Promise<void>[] = []

  constructor(sharesSessions: boolean) {
    this.upstream = new UnreliablePlatform(this.clock, sharesSessions)
    this.apps = [this.#createApp(), this.#createApp()]
  }

  #createApp(): SessionBackends {
    return createSessionBackends({
      platform: this.upstream.platform,
      authorize: () => true,
      limits: { running: LIMIT },
      logger: { error: () => {} },
      clock: this.clock,
    })
  }

  open(app: number, documentId: string, signal?: AbortSignal): Promise<Response> | undefined {
    const url = `http://app.test/api/sessions/${documentId}`
    return this.apps[app]?.handle(new Request(url, signal ? { ...POST, signal } : POST))
  }

  replace(app: number): void {
    // It waits for what is under way, which may wait for time to pass.
    const closing = this.apps[app]?.close()
    if (closing) this.#closing.push(closing)
    this.apps[app] = this.#createApp()
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      this.clock.advance(500)
      await settle()
    }
  }

  async close(): Promise<void> {
    this.upstream.endAll()
    for (const app of this.apps) this.#closing.push(app.close())
    await this.pass(16_000)
    await Promise.all(this.#closing)
  }
}

/** Lets everything happen that waits for no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const app = fc.nat(1)
const documentId = fc.constantFrom(...DOCUMENTS)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('open'), app, documentId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open and leave'), app, documentId }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end'), documentId }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('spawn'), fate: fc.constantFrom(...SPAWN_FATES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fetch'), fate: fc.constantFrom(...LOOK_FATES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stream'), fate: fc.constantFrom(...LOOK_FATES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace'), app }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 500, max: 15_000 }) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function take(world: World, step: Step): Promise<void> {
  const { upstream } = world
  if ('fate' in step) {
    if (step.do === 'spawn') upstream.spawnFate = SPAWN_FATES.find((fate) => fate === step.fate) ?? 'answered'
    const look = LOOK_FATES.find((fate) => fate === step.fate) ?? 'answered'
    if (step.do === 'fetch') upstream.fetchFate = look
    if (step.do === 'stream') upstream.streamFate = look
    upstream.wake()
  } else if ('ms' in step) await world.pass(step.ms)
  else if (step.do === 'replace' && 'app' in step) world.replace(step.app)
  else if (step.do === 'end' && 'documentId' in step) upstream.end(step.documentId)
  else if ('app' in step && 'documentId' in step) {
    const client = new AbortController()
    world.open(step.app, step.documentId, client.signal)
    if (step.do === 'open and leave') client.abort()
  }
  await settle()
}

/** The first request of a process loads `@opentelemetry/api`, which takes real time. */
beforeAll(async () => {
  const world = new World(true)
  await world.open(0, 'warm-up')
  await world.close()
})

it.each([true, false])(
  'never lets more backends run than the limit, also if answers are lost or late, and every slot comes back (sessions shared: %s)',
  async (sharesSessions) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = new World(sharesSessions)
        const { upstream } = world
        try {
          for (const each of steps) {
            await take(world, each)
            expect(upstream.running).toBeLessThanOrEqual(LIMIT)
          }
          upstream.spawnFate = 'answered'
          upstream.fetchFate = 'answered'
          upstream.streamFate = 'answered'
          upstream.endAll()
          await world.pass(10_000)
          upstream.endAll()
          await world.open(0, 'wake')
          upstream.endAll()
          await world.pass(40_000)
          const answers = await Promise.all(['x', 'y', 'z'].map((id) => world.open(0, id)))
          expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 429])
        } finally {
          await world.close()
        }
      }),
      { numRuns: 100 },
    )
  },
  60_000,
)

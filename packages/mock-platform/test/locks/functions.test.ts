import type { Server } from 'node:http'
import fc from 'fast-check'
import { it } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import type { ServeContext } from '../../src/options/options.ts'
import { Guardian } from '../../src/runtime/guardian.ts'
import { Services } from '../../src/services/services.ts'
import type { PlatformState } from '../../src/state/state-file.ts'
import { LONG } from '../support/long.ts'
import { lockCommands, runCommands } from './commands.ts'
import { type House, type Machine, turns, World } from './world.ts'

/** Runs backends as functions of this process. */
class Functions implements Machine {
  readonly violations: string[] = []
  /** How to exit what runs, by its lock. */
  readonly #running = new Map<string, ServeContext['exit']>()
  readonly #tokens = new Map<string, number>()
  readonly #dead = new Set<House>()
  #durable: PlatformState = { fencingToken: 0, running: [] }
  readonly wait = turns

  async open(): Promise<House> {
    const serve = (server: Server, context: ServeContext) => {
      // What had not begun when the platform was killed never will.
      if (this.#dead.has(house)) context.exit(1)
      else this.#serve(server, context)
    }
    const house: House = {
      services: new Services({ doc: { serve } }, { guardian: new Guardian() }),
      previous: this.#durable,
      keep: (current) => async () => {
        const state = current()
        // A slow disk.
        await turns(8)
        // What was not written when the platform was killed never will be.
        if (this.#dead.has(house)) await new Promise(() => {})
        this.#durable = state
      },
    }
    return house
  }

  async kill(house: House): Promise<void> {
    this.#dead.add(house)
    for (const exit of this.#running.values()) exit(1)
    while (this.#running.size > 0) await turns(1)
  }

  exit({ lock = '' }: Backend): void {
    this.#running.get(lock)?.(0)
  }

  running(): number {
    return this.#running.size
  }

  #serve(server: Server, { env, exit, beforeEnd }: ServeContext): void {
    const { SESSION_BACKEND_KEY: lock = '', SESSION_BACKEND_FENCING_TOKEN: token, IGNORE_TERM } = env
    if (this.#running.has(lock)) this.violations.push(`Two run at once for ${lock}.`)
    if (Number(token) <= (this.#tokens.get(lock) ?? -1)) this.violations.push(`${token} does not rise.`)
    this.#running.set(lock, exit)
    this.#tokens.set(lock, Number(token))
    server.once('close', () => this.#running.delete(lock))
    if (IGNORE_TERM) beforeEnd(() => new Promise(() => {}))
  }
}

const RUNS = LONG ? 10_000 : 2_000

it(`${RUNS} interleavings on backends that are functions break nothing that has to hold of locks`, async () => {
  await fc.assert(
    fc.asyncProperty(lockCommands(['a', 'b', 'c'], 16), (commands) =>
      runCommands(() => World.open(new Functions()), commands),
    ),
    { numRuns: RUNS },
  )
}, 120_000)

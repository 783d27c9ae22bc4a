import fc from 'fast-check'
import type { World } from './world.ts'

/** Nothing is known of the world but the world itself: every command may come at any time. */
type Model = Record<never, never>

/** One thing that can happen to locks. */
class Command implements fc.AsyncCommand<Model, World> {
  constructor(
    private readonly name: string,
    private readonly act: (world: World) => unknown,
  ) {}

  check(): boolean {
    return true
  }

  async run(_model: Model, world: World): Promise<void> {
    await this.act(world)
    world.check()
  }

  toString(): string {
    return this.name
  }
}

/** Any sequence of what can happen to these locks, and of pauses between. */
export function lockCommands(locks: string[], maxCommands: number) {
  const onLock = (name: string, act: (world: World, lock: string) => unknown) =>
    fc.constantFrom(...locks).map((lock) => new Command(`${name}(${lock})`, (world) => act(world, lock)))
  const commands = [
    onLock('Spawn', (world, each) => world.spawn(each)),
    onLock('Fetch', (world, each) => world.fetch(each)),
    onLock('Exit', (world, each) => world.exit(each)),
    onLock('Crash', (world, each) => world.crash(each)),
    onLock('IgnoreTerm', (world, each) => world.ignoreTerm(each)),
    onLock('Terminate', (world, each) => world.terminate(each)),
    // The client has left: what was spawned for it belongs to the lock all the same.
    onLock('DropReply', (world, each) => void world.spawn(each)),
    fc.constant(new Command('Sweep', (world) => world.sweep())),
    fc.nat(1_000_000).map((now) => new Command(`Restart(at ${now})`, (world) => world.restart(now))),
    fc.nat(12).map((amount) => new Command(`Wait(${amount})`, (world) => world.wait(amount))),
    // What is spawned should often get to run before something else happens.
    fc.constant(new Command('Wait(30)', (world) => world.wait(30))),
    onLock('Spawn', (world, each) => world.spawn(each)),
  ]
  return fc.commands(commands, { maxCommands, size: 'max' })
}

/** Runs commands on a world, and lets it come to its end. */
export async function runCommands(
  openWorld: () => Promise<World>,
  commands: Iterable<fc.AsyncCommand<Model, World>>,
): Promise<void> {
  const world = await openWorld()
  await fc.asyncModelRun(() => ({ model: {}, real: world }), commands)
  await world.settle()
}

import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import type { Client } from './client.ts'
import type { PlatformProcess } from './platform-process.ts'

/** What the chaos works on. */
export interface World {
  platform: PlatformProcess
  clients: Client[]
  /** Opens one more tab, on one of the documents. */
  open(which: number): void
  /** Creates a document, and opens a tab on it. */
  create(): Promise<Created>
  /** Closes a tab for good. */
  close(client: Client): void
  /** The processes of the backends. */
  processes(): Promise<number[]>
}

/** A document that was just created. */
export interface Created {
  client: Client
  /** Another program adds something to the document's file. */
  write(): Promise<void>
}

/** Failures that pass, and that a client has to outlast. */
const FAULTS = [
  { kind: 'delay', endpoint: 'spawn', ms: 300 },
  { kind: 'reset', endpoint: 'spawn', times: 2 },
  { kind: 'status', endpoint: 'spawn', status: 503 },
  { kind: 'status', endpoint: 'spawn', status: 429, retryAfter: 1 },
  { kind: 'garbage', endpoint: 'spawn' },
  { kind: 'split', endpoint: 'status/stream' },
  { kind: 'cut', endpoint: 'status/stream', bytes: 40 },
  { kind: 'status', endpoint: 'status/stream', status: 500, times: 2 },
  { kind: 'reset', endpoint: 'status' },
  { kind: 'slow-start', ms: 500 },
]

const MAX_CLIENTS = 8

/** What happens, and how often in comparison. */
const HAPPENINGS = [
  ['edit', 120],
  ['open', 6],
  ['close', 3],
  ['retry', 6],
  ['fault', 4],
  ['kill', 2],
  ['kill at first', 3],
  ['stall', 2],
  ['terminate', 1],
  ['lose', 1],
  ['restart', 1],
  ['crash', 1],
] as const

/** One thing that happens. */
export interface Happening {
  what: (typeof HAPPENINGS)[number][0]
  /** Picks to whom, or where. */
  which: number
  where: number
  /** Before the next one, in ms. */
  pause: number
}

/** What happens, one after the other; the same for the same seed. */
export function happenings(seed: number, count: number): Happening[] {
  const what = fc.oneof(...HAPPENINGS.map(([name, weight]) => ({ arbitrary: fc.constant(name), weight })))
  const happening = fc.record({ what, which: fc.nat(), where: fc.nat(), pause: fc.nat(80) })
  return fc.sample(happening, { numRuns: count, seed })
}

/** Lets one thing happen. */
export async function happen({ what, which, where }: Happening, world: World): Promise<void> {
  const { platform, clients } = world
  const client = pick(clients, which)
  switch (what) {
    case 'edit':
      return client?.edit(where)
    case 'open':
      return clients.length < MAX_CLIENTS ? world.open(which) : undefined
    case 'close':
      return client && world.close(client)
    case 'retry':
      return client?.retry()
    case 'fault':
      return void (await platform.change('faults/add', { fault: pick(FAULTS, which) }))
    case 'kill':
      return signal(pick(await world.processes(), which), 'SIGKILL')
    case 'kill at first':
      if (clients.length >= MAX_CLIENTS && client) world.close(client)
      return killAtFirst(world, which, where)
    case 'stall': {
      const process = pick(await world.processes(), which)
      signal(process, 'SIGSTOP')
      await delay(500)
      return signal(process, 'SIGCONT')
    }
    case 'terminate':
    case 'lose':
      return void (await platform.change(`backends/${pick(await platform.backends(), which)}/${what}`))
    case 'restart':
    case 'crash':
      await platform.stop(what === 'restart' ? 'SIGTERM' : 'SIGKILL')
      return platform.start()
  }
}

/**
 * Creates a document, and kills its backend soon after its page has it; in every second case after another
 * program has written. The page keeps what it got, and meets the next backend.
 */
async function killAtFirst(world: World, which: number, where: number): Promise<void> {
  const before = await world.processes()
  const { client, write } = await world.create()
  for (let wait = 0; wait < 3_000 && client.text === ''; wait += 10) await delay(10)
  if (which % 2 === 0) await write()
  await delay(where % (which % 2 === 0 ? 400 : 100))
  for (const pid of await world.processes()) if (!before.includes(pid)) signal(pid, 'SIGKILL')
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % list.length]
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name)
  } catch {
    // It has ended by now.
  }
}

import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import * as v from 'valibot'
import { FaultSchema } from '../faults/faults.ts'
import { readBody } from '../http/body.ts'
import { Spawn } from '../http/v1/spawn.ts'
import type { SnapshotSource } from './snapshot.ts'

/** Changes something; the rest of the address says what. */
export type Change = (request: IncomingMessage, name: string, action: string) => Promise<unknown>

const Nothing = v.object({})
/** JSON has no word for Infinity: a fault with `times: null` strikes until it is removed. */
const AddFault = v.object({
  fault: v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((fault) => (fault.times === null ? { ...fault, times: Number.POSITIVE_INFINITY } : fault)),
    FaultSchema,
  ),
})
const RemoveFault = v.object({ id: v.number() })
/** For each open stream, a day is 5,760 heartbeats, all written in one turn of the event loop. */
const MAX_ADVANCE = 24 * 60 * 60 * 1000
const Advance = v.object({
  ms: v.pipe(
    v.number(),
    v.minValue(1, 'Send 1 to 86400000: at most a day at once'),
    v.maxValue(MAX_ADVANCE, 'Send 1 to 86400000: at most a day at once'),
  ),
})

/** What can be changed, by the first part of the address. */
export function createChanges({
  backends,
  services,
  faults,
  clock,
}: SnapshotSource): Readonly<Record<string, Change>> {
  return {
    async services(request, name, action) {
      if (action !== 'spawn' || !services.has(name)) throw noSuchAddress()
      const { backend, spawned } = backends.spawn(name, await readBody(request, Spawn))
      return { name: backend.name, spawned }
    },
    async backends(request, name, action) {
      await readBody(request, Nothing)
      const backend = backends.existing(name)
      if (action === 'terminate') backend.send({ type: 'terminate' })
      else if (action === 'crash') backend.kill()
      else if (action === 'lose') faults.lose(name)
      else throw noSuchAddress()
      return { status: 'ok' }
    },
    async faults(request, action) {
      if (action === 'add') faults.add((await readBody(request, AddFault)).fault)
      else if (action === 'remove')
        return { removed: faults.remove((await readBody(request, RemoveFault)).id) }
      else if (action === 'clear') {
        await readBody(request, Nothing)
        faults.clear()
      } else throw noSuchAddress()
      return { status: 'ok' }
    },
    async clock(request, action) {
      if (action !== 'advance') throw noSuchAddress()
      clock.advance((await readBody(request, Advance)).ms)
      return { now: clock.now() }
    },
  }
}

export function noSuchAddress(): SessionBackendError {
  return new SessionBackendError('not_found', 'The dashboard has no such address.')
}

import type { Socket } from 'node:net'
import { endianness } from 'node:os'
import type { Readable } from 'node:stream'
import { type ConnectionEnds, endsOf, readTcpTable, stateOf } from './tcp-table.ts'

/** How long reading must have paused before a check, and the time between two checks, in ms. */
const PAUSE = 1_000
/** With many connections the table is long, so reading it takes at most this part of the time. */
const SHARE = 20

interface Watched {
  socket: Socket
  ends: ConnectionEnds
}

const watched = new Set<Watched>()
let timer: NodeJS.Timeout | undefined
let looking = false

/**
 * Destroys a client's connection when the client has closed it, also while `source`, which reads it, is
 * paused: the end of what it sent may be behind 4 MB in the kernel's buffers, of which a backend that does
 * not read takes nothing. The kernel tells whether the client still has its end, if it runs on this machine.
 * Linux only.
 *
 * Interim answers (102) would find clients of other machines too, but Python's http.client takes one for the
 * answer.
 */
export function destroyOnceAbandoned(source: Readable, socket: Socket): void {
  if (process.platform !== 'linux' || endianness() === 'BE') return
  let entry: Watched | undefined
  const stop = () => {
    if (entry) watched.delete(entry)
    entry = undefined
    if (watched.size === 0) lookAfter(undefined)
  }
  source.on('pause', () => {
    if (entry || socket.destroyed) return
    entry = { socket, ends: endsOf(socket) }
    watched.add(entry)
    if (timer === undefined && !looking) lookAfter(PAUSE)
  })
  source.on('resume', stop)
  source.once('close', stop)
}

async function look(): Promise<void> {
  looking = true
  const begin = performance.now()
  const table = await readTcpTable()
  for (const { socket, ends } of [...watched]) {
    // A connection that the client has reset is no longer in the table.
    const isReset = table.size > 0 && stateOf(table, ends.ours) === 'absent'
    if (isReset || stateOf(table, ends.clients) === 'orphan') socket.destroy()
  }
  looking = false
  const took = performance.now() - begin
  lookAfter(watched.size === 0 ? undefined : Math.max(PAUSE, took * SHARE))
}

/** Plans the next check after `ms` milliseconds; `undefined` plans none. */
function lookAfter(ms: number | undefined): void {
  clearTimeout(timer)
  timer = ms === undefined ? undefined : setTimeout(look, ms)
}

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { isRecord } from '@session-backend/core/internal'
import { expect, vi } from 'vitest'

const WAIT = { timeout: 300_000, interval: 20 }
/** Each is a share of the machine: one process for all would be slower than their servers. */
const PROCESSES = 4

/** Many clients of one document, in several processes. */
export function createCrowd(endpoint: string, count: number) {
  const done = new Map<ChildProcess, number>()
  /** When POSTs were due, in ms since the epoch. */
  const due: number[] = []
  for (let number = 0; number < PROCESSES; number++) {
    const args = [endpoint, String(count / PROCESSES)]
    const clients = fork(join(import.meta.dirname, 'crowd-clients.mjs'), args)
    done.set(clients, 0)
    clients.on('message', (message) => {
      if (!isRecord(message)) return
      if (typeof message.done === 'number') done.set(clients, message.done)
      if (typeof message.due === 'number') due.push(message.due)
    })
  }
  const total = () => [...done.values()].reduce((sum, number) => sum + number, 0)

  return {
    due,
    /** Has all of them do something. */
    send(what: 'bare' | 'open') {
      for (const clients of done.keys()) {
        done.set(clients, 0)
        clients.send(what)
      }
    },
    areDone: () => vi.waitFor(() => expect(total()).toBe(count), WAIT),
    areLost: () => vi.waitFor(() => expect(total()).toBeLessThan(count), WAIT),
    close() {
      for (const clients of done.keys()) clients.kill()
    },
  }
}

/** The most of these times within any 100 ms. */
export function mostIn100ms(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other)
  let [most, first] = [0, 0]
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] ?? time) <= time - 100) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

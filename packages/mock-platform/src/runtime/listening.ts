import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Address } from '../address.ts'
import { holds, listeningSockets } from './proc-net.ts'
import type { ProcessTree } from './process-tree.ts'

const LOOPBACK = ['127.0.0.1', '::1']
/** The first and the longest pause between two attempts, in ms. */
const FIRST_PAUSE = 2
const LONGEST_PAUSE = 6
/** How long a connection may take, in ms: nobody answers at the address of a container that has ended. */
const CONNECT_LIMIT = 1_000

let polls = 0

/**
 * Resolves as soon as a process of the tree listens on the port, with the address where it does. Another
 * program on that port is never taken for it. Rejects when the signal aborts.
 */
export async function whenTreeListens(
  port: number,
  tree: ProcessTree,
  signal: AbortSignal,
): Promise<Address> {
  const look = async () => {
    for (const host of LOOPBACK) {
      if ((await accepts(host, port)) && (await listens(tree, port))) return { host, port }
      signal.throwIfAborted()
    }
    return undefined
  }
  return whenFound(look, signal)
}

/** Looks again and again, until something is found. Rejects when the signal aborts. */
export async function whenFound<Found>(
  look: () => Promise<Found | undefined>,
  signal: AbortSignal,
): Promise<Found> {
  polls++
  try {
    for (let attempt = 0; ; attempt++) {
      const found = await look()
      if (found !== undefined) return found
      await delay(pauseAfter(attempt, polls), undefined, { signal })
    }
  } finally {
    polls--
  }
}

/**
 * How long to wait between two attempts, in ms. Backends that start at the same time share the processor with
 * these attempts.
 */
export function pauseAfter(attempt: number, startingAtOnce: number): number {
  return Math.max(Math.min(FIRST_PAUSE * 1.02 ** attempt, LONGEST_PAUSE), startingAtOnce)
}

/** Whether a connection can be made. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_LIMIT })
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket
      .once('connect', () => answer(true))
      .once('timeout', () => answer(false))
      .once('error', () => answer(false))
  })
}

async function listens(tree: ProcessTree, port: number): Promise<boolean> {
  const { leader = 0 } = tree
  if (process.platform !== 'linux') return listensByLsof(leader, port)
  // The leader is asked first, socket by socket: to find the others takes longer, and so does the rest of the
  // table.
  const sockets: string[] = []
  for (const socket of listeningSockets(port)) {
    if (holds(leader, [socket])) return true
    sockets.push(socket)
  }
  return sockets.length > 0 && (await tree.look()).some(({ pid }) => holds(pid, sockets))
}

function listensByLsof(group: number, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const args = ['-nP', '-a', '-g', String(group), `-iTCP:${port}`, '-sTCP:LISTEN', '-t']
    execFile('lsof', args, (error) => resolve(error === null))
  })
}

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Address } from '../proxy/route.ts'
import { processesOf } from './process-group.ts'

const LOOPBACK = ['127.0.0.1', '::1']
/** The first and the longest pause between two attempts, in ms. */
const FIRST_PAUSE = 2
const LONGEST_PAUSE = 6

let polls = 0

/**
 * Resolves as soon as a process of the group listens on the port, with the address where it does. Another
 * program on that port is never taken for it. Rejects when the signal aborts.
 */
export async function whenListening(port: number, group: number, signal: AbortSignal): Promise<Address> {
  polls++
  try {
    for (let attempt = 0; ; attempt++) {
      for (const host of LOOPBACK) {
        if ((await accepts(host, port)) && (await listens(group, port))) return { host, port }
        signal.throwIfAborted()
      }
      await delay(pauseAfter(attempt, polls), undefined, { signal })
    }
  } finally {
    polls--
  }
}

/** How long to wait between two attempts, in ms: many that start at once share the processor with what looks for them. */
export function pauseAfter(attempt: number, startingAtOnce: number): number {
  return Math.max(Math.min(FIRST_PAUSE * 1.1 ** attempt, LONGEST_PAUSE), startingAtOnce)
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const answer = (accepted: boolean) => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

async function listens(group: number, port: number): Promise<boolean> {
  return process.platform === 'linux' ? listensByProc(group, port) : listensByLsof(group, port)
}

function listensByProc(group: number, port: number): boolean {
  const sockets = listeningSockets(port)
  const holds = (pid: number) => socketsOf(pid).some((socket) => sockets.has(socket))
  // The leader is asked first: to find the others takes longer.
  return sockets.size > 0 && (holds(group) || processesOf(group).some(holds))
}

/** The sockets that listen on a port, as links in /proc name them. */
function listeningSockets(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readText(file).split('\n'))
  return new Set(
    lines.flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      return state === '0A' && local?.endsWith(suffix) ? [`socket:[${inode}]`] : []
    }),
  )
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function listensByLsof(group: number, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const args = ['-nP', '-a', '-g', String(group), `-iTCP:${port}`, '-sTCP:LISTEN', '-t']
    execFile('lsof', args, (error) => resolve(error === null))
  })
}

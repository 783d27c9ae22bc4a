import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']
/** What a socket without a process has for its inode: it was closed, or its process has ended. */
const ORPHAN = '0'

/**
 * The TCP connections of this machine, both ends of those that it has with itself: the inode of each socket
 * by its {@link endOf}. Linux only.
 */
export async function readTcpTable(): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>()
  // Without IPv6 there is no table of it.
  for (const text of await Promise.all(TABLES.map((table) => readFile(table, 'latin1').catch(() => '')))) {
    for (const line of text.split('\n')) {
      const [, local = '', remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
      if (local.includes(':') && inode !== '') ends.set(`${local} ${remote}`, inode)
    }
  }
  return ends
}

/** Both ends of a client's connection as the table has them. A client of another machine has no end in it. */
export interface ConnectionEnds {
  ours: readonly string[]
  clients: readonly string[]
}

/** The keys of a connection's two ends: several, since an IPv4 address may stand in the table of IPv6. */
export function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): ConnectionEnds {
  const here = spellings(localAddress, localPort)
  const there = spellings(remoteAddress, remotePort)
  const pairs = (from: string[], to: string[]) => from.map((each, i) => `${each} ${to[i]}`)
  return { ours: pairs(here, there), clients: pairs(there, here) }
}

/**
 * What the table says of one end: `open`, `orphan` once nobody holds it any more, `absent` if it is not
 * there.
 */
export function stateOf(table: ReadonlyMap<string, string>, ends: readonly string[]) {
  const inode = ends.map((end) => table.get(end)).find((found) => found !== undefined)
  return inode === undefined ? 'absent' : inode === ORPHAN ? 'orphan' : 'open'
}

/** An address and port as the kernel writes them: as little-endian words. */
function spellings(address = '', port = 0): string[] {
  const suffix = `:${hex(port, 4)}`
  const ipv4 = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/i.exec(address)
  if (ipv4) {
    const word = ipv4
      .slice(1)
      .reverse()
      .map((part) => hex(Number(part), 2))
      .join('')
    return [`${word}${suffix}`, `0000000000000000FFFF0000${word}${suffix}`]
  }
  return [`${ipv6Words(address)}${suffix}`]
}

function ipv6Words(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const [first, last] = [head, tail ?? ''].map((text) => text.split(':').filter((part) => part !== ''))
  const zeros = Array.from({ length: 8 - (first?.length ?? 0) - (last?.length ?? 0) }, () => '0')
  const digits = [...(first ?? []), ...zeros, ...(last ?? [])].map((part) => part.padStart(4, '0')).join('')
  return digits.toUpperCase().replace(/(..)(..)(..)(..)/g, '$4$3$2$1')
}

function hex(value: number, length: number): string {
  return value.toString(16).toUpperCase().padStart(length, '0')
}

import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Where a backend listens. */
export interface Address {
  host: string
  port: number
}

/** The host of a URL that reaches a server bound to `host` from this machine. */
export function nameOf(host: string): string {
  if (isEveryAddress(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The host of a URL that reaches a server bound to `host` from other machines too. A server on every address
 * of the machine is named by the one from which the machine sends to other networks.
 */
export async function publicNameOf(host: string): Promise<string> {
  return (isEveryAddress(host) ? await outgoingAddress() : undefined) ?? nameOf(host)
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** An address for documentation (RFC 5737), which no machine has: it takes the default route. */
const ELSEWHERE = '198.51.100.1'

/** The source address of the default route; undefined without one. Connecting a UDP socket sends nothing. */
async function outgoingAddress(): Promise<string | undefined> {
  const socket = createSocket('udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(9, ELSEWHERE)
    await connected
    return socket.address().address
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

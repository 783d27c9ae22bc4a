import { networkInterfaces } from 'node:os'
import { accepts } from '../../runtime/listening.ts'
import type { BackendInLab } from '../lab/backend-in-lab.ts'
import { Finding } from '../lab/finding.ts'
import { type Check, notTried, pass } from './check.ts'

/** Proxies of production connect from another machine or container: to the address of a network, over IPv4. */
export const address: Check = {
  name: 'address',
  title: 'Listens on all interfaces',
  tried: () => 'Connected to its port at the addresses of this machine.',
  limit: 60_000,
  needs: [],
  async run(lab) {
    const backend = await lab.openBackend()
    const { port } = backend
    const others = otherAddresses()
    if (others.length === 0) return notTried('This machine has no address but those of loopback.')
    const addresses = ['127.0.0.1', '::1', ...others]
    const answers = await Promise.all(
      addresses.map(async (host) => ({ host, accepted: await accepts(host, port) })),
    )
    const reached = answers.filter(({ accepted }) => accepted).map(({ host }) => host)
    const where = `${await listeningOn(backend)}It accepts connections at ${reached.join(', ')}`
    if (others.some((host) => reached.includes(host))) return pass(`${where}.`)
    throw new Finding(
      `${where}, but not at ${others.join(', ')}.`,
      'Listen on all interfaces (0.0.0.0 or ::) instead of localhost. A proxy in front of a container can reach nothing else.',
    )
  },
}

/** Where it listens, as a sentence, as far as the system tells. */
async function listeningOn({ processes, port }: BackendInLab): Promise<string> {
  if (process.platform !== 'linux') return ''
  const sockets = (await processes.listening()).filter((each) => each.port === port)
  const hosts = new Set(sockets.map(({ host }) => host))
  return hosts.size === 0 ? '' : `It listens on ${[...hosts].join(' and ')}. `
}

/**
 * Addresses at which a server answers only if it listens on all interfaces. On Linux, 127.0.0.2 is one without a
 * network, too.
 */
function otherAddresses(): string[] {
  if (process.platform === 'linux') return ['127.0.0.2']
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address)
}

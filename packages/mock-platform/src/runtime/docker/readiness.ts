import { request } from 'node:http'
import { isRecord } from '@session-backend/core/internal'
import type { Address } from '../../address.ts'
import { accepts, whenFound } from '../listening.ts'

/** Specification, "Backend Containers": `PORT` is always 8080. */
export const CONTAINER_PORT = 8080

/**
 * How a container is reached: at its own address if this machine has its network (`bridge`), or through a
 * port of 127.0.0.1 that Docker publishes (`published`) if containers live in a virtual machine.
 */
export type Reach = 'bridge' | 'published'

/** What the engine's description of itself says about its containers' network. */
export function reachOf(info: unknown, platform: NodeJS.Platform = process.platform): Reach {
  const { OperatingSystem, SecurityOptions } = isRecord(info) ? info : {}
  const rootless = Array.isArray(SecurityOptions) && SecurityOptions.includes('name=rootless')
  return platform === 'linux' && OperatingSystem !== 'Docker Desktop' && !rootless ? 'bridge' : 'published'
}

/** Where a container is, by the engine's description of it. */
export function addressOf(container: unknown, reach: Reach): Address {
  const settings = isRecord(container) && isRecord(container.NetworkSettings) ? container.NetworkSettings : {}
  const { Networks, Ports } = settings
  if (reach === 'bridge') {
    const [network] = isRecord(Networks) ? Object.values(Networks) : []
    if (isRecord(network) && typeof network.IPAddress === 'string' && network.IPAddress !== '') {
      return { host: network.IPAddress, port: CONTAINER_PORT }
    }
  } else {
    const published = isRecord(Ports) ? Ports[`${CONTAINER_PORT}/tcp`] : undefined
    const [binding] = Array.isArray(published) ? published : []
    const port = isRecord(binding) ? Number(binding.HostPort) : 0
    if (port > 0) return { host: '127.0.0.1', port }
  }
  throw new Error('Docker gave the container no address.')
}

/** Resolves when the container's own server listens. Rejects when the signal aborts. */
export async function whenContainerListens(
  address: Address,
  reach: Reach,
  signal: AbortSignal,
): Promise<void> {
  const { host, port } = address
  const look = () => (reach === 'bridge' ? accepts(host, port) : answers(address))
  await whenFound(async () => (await look()) || undefined, signal)
}

/**
 * Docker accepts connections to a published port at any time, and closes those that it cannot pass on: only
 * an answer tells that somebody listens. Any answer will do.
 */
function answers({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host, port, method: 'HEAD', path: '/', agent: false, timeout: 1_000 })
    const answer = (listens: boolean) => {
      resolve(listens)
      probe.destroy()
    }
    probe
      .once('response', () => answer(true))
      .once('upgrade', () => answer(true))
      .once('timeout', () => answer(false))
      .on('error', () => answer(false))
      .end()
  })
}

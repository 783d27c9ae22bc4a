import { join } from 'node:path'
import type { MockPlatformOptions, ProgramOptions } from '../options/options.ts'
import { type DockerRuntime, openDockerRuntime } from '../runtime/docker/index.ts'
import type { Guardian } from '../runtime/guardian.ts'
import { startRegistry } from '../runtime/registry/registry.ts'

/** The platform's containers and registry. */
export interface Containers {
  docker?: DockerRuntime
  /** The registry's host and port. */
  registry?: string
  /** The image of a service that was given nothing to run. */
  imageOf?: (service: string) => string
  close(): Promise<void>
}

/** The platform that owns the containers. */
export interface ContainersOwner {
  /** Which platform this is: the same one again, if it has a data folder. */
  identity: string
  guardian: Guardian
  host: string
  account: string
  token: string
}

/**
 * Opens Docker if a service runs an image, and the registry if one is wanted.
 *
 * @throws SessionBackendError `invalid_option` if what they need is missing, with what to install.
 */
export async function openContainers(
  { services = {}, registryPort, dataDir }: MockPlatformOptions,
  { host, account, token, identity, guardian }: ContainersOwner,
): Promise<Containers> {
  if (registryPort === undefined) {
    if (!Object.values(services).some(runsImages)) return { close: async () => {} }
    const docker = await openDockerRuntime({ platform: identity })
    return { docker, close: () => docker.close() }
  }
  // Each account has its own, so that no account can get the layers of another.
  const storage = dataDir === undefined ? undefined : join(dataDir, 'registry', account)
  const registry = await startRegistry({ host, port: registryPort, account, token, guardian, storage })
  const { address } = registry
  try {
    const docker = await openDockerRuntime({ platform: identity, registry: { address, account, token } })
    return {
      docker,
      registry: address,
      imageOf: (service) => `${account}/${service}`,
      async close() {
        await docker.close()
        await registry.close()
      },
    }
  } catch (error) {
    await registry.close()
    throw error
  }
}

function runsImages({
  tags = {},
  ...service
}: ProgramOptions & { tags?: Readonly<Record<string, ProgramOptions>> | undefined }) {
  return [service, ...Object.values(tags)].some((program) => 'image' in program)
}

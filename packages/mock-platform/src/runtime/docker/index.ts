import { SessionBackendError } from '@session-backend/core'
import type { Runtime } from '../runtime.ts'
import { Caretaker } from './caretaker.ts'
import { ContainerInstance, type ContainerProgram } from './container.ts'
import { DockerEngine, socketOf } from './engine.ts'
import { Images, type OwnRegistry } from './images.ts'
import { type Reach, reachOf } from './readiness.ts'

/** Options of {@link openDockerRuntime}. */
export interface DockerRuntimeOptions {
  /** The name of this platform. A platform with the same name removes what an earlier one left behind. */
  platform: string
  /** The platform's own registry, if it has one. */
  registry?: OwnRegistry | undefined
  /** Default: by the variable DOCKER_HOST. */
  socketPath?: string | undefined
  /** Default: as the engine says. */
  reach?: Reach | undefined
}

/** Runs each backend in its own container. */
export interface DockerRuntime extends Runtime<ContainerProgram> {
  images: Images
  /** Releases what the runtime itself holds, after all its backends are gone. */
  close(): Promise<void>
}

/** The label of a platform's containers. */
const PLATFORM_LABEL = 'session-backend.platform'

/** @throws SessionBackendError `invalid_option` if there is no Docker, with what to do about it. */
export async function openDockerRuntime(options: DockerRuntimeOptions): Promise<DockerRuntime> {
  const { platform, registry, socketPath = socketOf(process.env.DOCKER_HOST) } = options
  const engine = new DockerEngine(socketPath)
  const caretaker = new Caretaker(socketPath, `${PLATFORM_LABEL}=${platform}`)
  try {
    const reach = options.reach ?? reachOf(await describe(engine))
    await caretaker.start()
    return {
      images: new Images(engine, registry),
      start(launch, observer) {
        const { SESSION_BACKEND_ID = '', JAMSOCKET_SERVICE = '' } = launch.env
        const labels = {
          [PLATFORM_LABEL]: platform,
          'session-backend.name': SESSION_BACKEND_ID,
          'session-backend.service': JAMSOCKET_SERVICE,
        }
        return new ContainerInstance(launch, observer, { engine, reach, labels })
      },
      async close() {
        await caretaker.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

async function describe(engine: DockerEngine): Promise<unknown> {
  try {
    return await engine.call('GET', '/info')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SessionBackendError(
      'invalid_option',
      `Containers need Docker, which doesn't answer at ${engine.socketPath}: ${reason}. Install it (on Debian and Ubuntu: apt-get install docker.io), start it, or set DOCKER_HOST to its socket.`,
      { cause },
    )
  }
}

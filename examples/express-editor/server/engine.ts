import { realpath } from 'node:fs/promises'
import { basename, dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMockPlatform } from '@session-backend/mock-platform'
import { jamsocket, type Platform } from '@session-backend/server'
import { plane } from '@session-backend/server/plane'

const dist = dirname(fileURLToPath(import.meta.url))

/** What runs the backends, and how they see the files of this machine. */
export interface Engine {
  platform: Platform
  /** Where a backend finds a file of the documents' folder. */
  pathOf(file: string): string
  /** Where backends keep the edit history of the documents, as they see it. */
  stateFolder: string
  /** Where the engine shows what it does. */
  dashboardUrl: string
  close(): Promise<void>
}

/** A Plane that runs, and what it runs. */
export interface PlaneEngineOptions {
  /** Where its controller is. Its drone's `--mount-base` is the parent of the documents' folder. */
  controllerUrl: string
  /** The image of the editor's backend. */
  image: string
}

/** The mock platform, in this process: backends are processes of this machine. */
export async function startMockPlatform(stateFolder: string): Promise<Engine> {
  const mock = await createMockPlatform({
    services: { editor: { command: [process.execPath, join(dist, 'backend.js')] } },
    dataDir: join(stateFolder, 'platform'),
  })
  return {
    platform: jamsocket.fromEnv(mock.env('editor')),
    pathOf: (file) => file,
    stateFolder: join(stateFolder, 'documents'),
    dashboardUrl: `${mock.url}/`,
    close: () => mock.close(),
  }
}

/**
 * Where Plane mounts the folder that a backend may have: it is one, so the state is in the documents' folder.
 */
const MOUNT = '/plane-data'

/** A Plane that runs already: backends are containers, which go on when this process ends. */
export async function connectToPlane(
  { controllerUrl, image }: PlaneEngineOptions,
  documentsFolder: string,
): Promise<Engine> {
  const folder = await realpath(documentsFolder)
  const platform = plane({
    controllerUrl,
    service: 'editor',
    executable: { image, mount: basename(folder), pullPolicy: 'IfNotPresent' },
  })
  return {
    platform,
    pathOf: (file) => posix.join(MOUNT, ...relative(folder, file).split(sep)),
    stateFolder: posix.join(MOUNT, '.session-backend'),
    dashboardUrl: `${controllerUrl}/ctrl/status`,
    close: () => platform.close(),
  }
}

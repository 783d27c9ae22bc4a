import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import getPort from 'get-port'
import { createApp } from './app.ts'
import { createDocumentFolder } from './documents.ts'
import { connectToPlane, type PlaneEngineOptions, startMockPlatform } from './engine.ts'

const dist = dirname(fileURLToPath(import.meta.url))

/** In the example's folder, where Git ignores it. */
export const DEFAULT_STATE_FOLDER = join(dist, '..', '.state')

/** Options of {@link start}. */
export interface StartOptions {
  /** The folder whose Markdown files can be edited. */
  folder: string
  /** The port of the page; 0 takes a free one. Default: 3000, or a free one if that is taken. */
  port?: number
  /** Seconds from the moment the last browser leaves until a backend is swept. Default 10. */
  gracePeriodSeconds?: number
  /**
   * Where the edit history and the platform's fencing tokens are kept. Default: {@link DEFAULT_STATE_FOLDER}.
   */
  stateFolder?: string
  /** Run the backends on a Plane that runs already. Default: on a mock platform in this process. */
  plane?: PlaneEngineOptions
}

/** A running example. */
export interface RunningExample {
  /** The page. */
  url: string
  /** Stops everything that {@link start} started. */
  close(): Promise<void>
}

/**
 * Starts the app on this machine, and a mock platform unless there is a Plane. Throws if there is no such
 * folder, or the port that was asked for is taken.
 */
export async function start(options: StartOptions): Promise<RunningExample> {
  const { folder, gracePeriodSeconds = 10 } = options
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new Error(`There is no folder ${folder}. Create it, or choose another one.`)
  const stateFolder = join(options.stateFolder ?? DEFAULT_STATE_FOLDER, await nameOfState(folder))
  await mkdir(stateFolder, { recursive: true })

  const engine = options.plane
    ? await connectToPlane(options.plane, folder)
    : await startMockPlatform(stateFolder)
  const app = createApp({
    engine,
    documents: createDocumentFolder(folder),
    pageFolder: join(dist, 'page'),
    gracePeriodSeconds,
  })
  const server = createServer(app)
  try {
    // On loopback only: there is no sign-in in this example.
    server.listen(options.port ?? (await getPort({ port: 3000 })), 'localhost')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return {
      url: `http://localhost:${port}/`,
      async close() {
        const closed = new Promise((done) => server.close(done))
        server.closeAllConnections()
        await Promise.all([closed, engine.close()])
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Names the state of a folder: the same for each spelling of its path. */
async function nameOfState(folder: string): Promise<string> {
  return createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 16)
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMockPlatform } from '@session-backend/mock-platform'
import getPort from 'get-port'
import next from 'next'

const dist = dirname(fileURLToPath(import.meta.url))

/** Options of {@link start}. */
export interface StartOptions {
  /** The port of the page; 0 takes a free one. Default: 3000, or a free one where it is taken. */
  port?: number
  /** Seconds from the moment the last browser leaves until a backend is swept. Default 10. */
  gracePeriodSeconds?: number
  /** Where boards and the platform's fencing tokens are kept. Default: `.state` in this example's folder. */
  stateFolder?: string
}

/** A running example. */
export interface RunningExample {
  /** The page. */
  url: string
  /** Stops everything that {@link start} started. */
  close(): Promise<void>
}

/** Starts the mock platform and the app on this machine. */
export async function start(options: StartOptions = {}): Promise<RunningExample> {
  const stateFolder = options.stateFolder ?? join(dist, '..', '.state')
  const boardFolder = join(stateFolder, 'boards')
  await mkdir(boardFolder, { recursive: true })
  const platform = await createMockPlatform({
    services: { whiteboard: { command: [process.execPath, join(dist, 'backend.js')] } },
    dataDir: join(stateFolder, 'platform'),
  })
  // What an app in production finds in its environment.
  Object.assign(process.env, {
    ...platform.env('whiteboard'),
    BOARD_FOLDER: boardFolder,
    BOARD_GRACE_PERIOD: String(options.gracePeriodSeconds ?? 10),
    WHITEBOARD_SECRET: process.env.WHITEBOARD_SECRET ?? randomBytes(32).toString('hex'),
  })

  const server = createServer()
  // Next has to know its address beforehand.
  const port = options.port || (await getPort(options.port === 0 ? {} : { port: 3000 }))
  const app = next({ dev: false, dir: join(dist, '..'), httpServer: server, hostname: 'localhost', port })
  async function close(): Promise<void> {
    const closed = server.listening ? new Promise((done) => server.close(done)) : undefined
    server.closeAllConnections()
    await closed
    await Promise.all([app.close(), platform.close()])
  }
  try {
    await app.prepare()
    const handle = app.getRequestHandler()
    server.on('request', (request, response) => void handle(request, response))
    // On loopback only: anybody may sign in here under any name.
    server.listen(port, 'localhost')
    await once(server, 'listening')
    return { url: `http://localhost:${port}/`, close }
  } catch (error) {
    await close()
    throw error
  }
}

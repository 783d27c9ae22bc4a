import { once } from 'node:events'
import { isPortTaken, type ListeningServer, listen } from '../server/listen.ts'
import { createDashboard, type DashboardOptions } from './dashboard.ts'

/** A dashboard that listens. */
export interface Dashboard {
  url: string
  close(): Promise<unknown>
}

/** Options of {@link openDashboard}. */
export interface OpenDashboardOptions extends DashboardOptions {
  /** The port to listen on. Default: the one after `platformPort`, or any free one. */
  port: number | undefined
  /** The platform's own port, as it was asked for: 0 for any free one. */
  platformPort: number
  /** The host of the backends' URLs. */
  publicHost: string
}

/** Only this machine reaches it. */
const HOST = '127.0.0.1'

/**
 * Opens the dashboard on a separate port. With path URLs, pages that backends serve have the platform's
 * origin: if the dashboard had that too, they could read and do everything there. Ports share cookies, so its
 * host has another name as well.
 */
export async function openDashboard(options: OpenDashboardOptions): Promise<Dashboard> {
  const { server, port } = await listenNear(options)
  server.on('request', createDashboard(options))
  return {
    url: `http://${options.publicHost === 'localhost' ? HOST : 'localhost'}:${port}/`,
    close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      return closed
    },
  }
}

/** If the port is the same each time, an open tab works again. */
async function listenNear({ port, platformPort }: OpenDashboardOptions): Promise<ListeningServer> {
  if (port !== undefined || platformPort === 0) return listen(HOST, port ?? 0)
  try {
    return await listen(HOST, (platformPort + 1) % 65_536)
  } catch (error) {
    if (isPortTaken(error)) return listen(HOST, 0)
    throw error
  }
}

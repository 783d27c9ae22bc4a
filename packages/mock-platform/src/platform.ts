import { once } from 'node:events'
import { SessionBackendError } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import { nameOf, publicNameOf } from './address.ts'
import { TERMINATE_LIMIT } from './backends/backend.ts'
import { Backends } from './backends/backends.ts'
import { createClock, type PlatformClock } from './clock.ts'
import { Faults } from './faults/faults.ts'
import { createApi } from './http/api.ts'
import { authRoute } from './http/auth.ts'
import { listen, serve } from './http/server.ts'
import { backendRoutes } from './http/v1/backend.ts'
import { openApiRoute } from './http/v1/openapi.ts'
import { serviceRoutes } from './http/v1/services.ts'
import { spawnRoutes } from './http/v1/spawn.ts'
import { accountV2Routes } from './http/v2/account.ts'
import { backendV2Routes } from './http/v2/backend.ts'
import { connectRoute } from './http/v2/connect.ts'
import { checkOptions, type MockPlatformOptions, type StatusReport } from './options.ts'
import { openDashboard } from './pages/dashboard/server.ts'
import { landingPage } from './pages/landing-page/landing-page.ts'
import { pathUrls, subdomainUrls } from './proxy/connection-url.ts'
import { createProxy } from './proxy/index.ts'
import { openContainers } from './runtime/containers.ts'
import { Services } from './runtime/services.ts'
import { watchFiles } from './runtime/watch-files.ts'
import { createAccessToken } from './secrets.ts'
import { openDataDir } from './state/data-dir.ts'

/** The environment variables by which an app finds a platform. */
export interface PlatformEnv extends Record<string, string> {
  JAMSOCKET_ACCOUNT: string
  JAMSOCKET_SERVICE: string
  JAMSOCKET_TOKEN: string
  JAMSOCKET_API_URL: string
}

/** A platform that runs. */
export interface MockPlatform {
  /** Where the API is, for this machine, without a slash at its end. */
  url: string
  /** What the URLs in the API's answers begin with, without a slash at its end: for other devices too, if they can connect. */
  publicUrl: string
  /** Where the dashboard is, with a slash at its end: an origin of its own, which no backend shares. */
  dashboardUrl: string
  account: string
  /** The access token of the account. */
  token: string
  /** Where the registry is, host and port, as the names of its images begin; undefined where there is none. */
  registry: string | undefined
  /** Makes it fail on demand. */
  faults: Faults
  /** Its time, which tests can move forward. */
  clock: PlatformClock
  /**
   * The environment of an app whose documents this service runs: what `jamsocket.fromEnv` reads.
   *
   * @throws SessionBackendError `invalid_option` for a service that the platform hasn't got.
   */
  env(service: string): PlatformEnv
  /** Ends every backend, then the platform itself. Nothing of it is left: no process, socket or timer. */
  close(): Promise<void>
}

/**
 * Starts a platform on this machine: the whole HTTP API, backends that run as processes, and the proxy to them.
 *
 * @throws SessionBackendError `invalid_option` where an option is wrong, or the `dataDir` is another platform's.
 */
export async function createMockPlatform(options: MockPlatformOptions = {}): Promise<MockPlatform> {
  checkOptions(options)
  const { host = '127.0.0.1', account = 'dev', token = createAccessToken(), clock = createClock() } = options
  const { onStatus = () => {}, onProblem = () => {} } = options

  /** What is to be closed, in this order. */
  const open: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    for (const close of open) {
      try {
        await close()
      } catch (error) {
        // What comes after is closed all the same.
        onProblem(error)
      }
    }
  }

  /** A callback that throws must not keep a backend from ending. */
  function tell(report: StatusReport): void {
    try {
      onStatus(report)
    } catch (error) {
      onProblem(error)
    }
  }

  try {
    const home = await openDataDir(options.dataDir)
    const { guardian, previous, keep } = home
    open.unshift(() => home.close())
    const containers = await openContainers(options, { ...home, host, account, token })
    open.unshift(() => containers.close())
    const services = new Services(options.services ?? {}, { ...containers, guardian, now: clock.now })
    const save = keep(() => backends.state)
    open.unshift(save)
    const faults = new Faults((name) => backends.get(name)?.send({ type: 'lost' }))
    const backends: Backends = new Backends({
      services,
      clock,
      gracePeriod: (options.gracePeriodSeconds ?? 300) * 1000,
      startTimeout: (options.startTimeoutSeconds ?? 30) * 1000,
      previous,
      onStatus: tell,
      nextFault: () => faults.strikeBackend(),
      save,
    })
    const { server, port } = await listen(host, options.port ?? 0)
    const closed = once(server, 'close')
    open.unshift(() => {
      server.closeAllConnections()
      return closed
    })
    const proxy = createProxy(backends, { onProblem })
    open.unshift(() => proxy.close())
    open.unshift(() => backends.close(TERMINATE_LIMIT))
    open.unshift(() => void server.close())
    open.unshift(() => home.ending())

    const url = `http://${nameOf(host)}:${port}`
    await home.listensAt(url)
    const publicUrl = new URL(options.publicUrl ?? `http://${await publicNameOf(host)}:${port}`).origin
    const connections =
      options.urls === 'subdomain'
        ? subdomainUrls(options.publicUrl ?? `http://localhost:${port}`)
        : pathUrls(publicUrl)
    const urls = {
      connection: connections.of,
      ready: ({ name, token }: { name: string; token: string }) => `${publicUrl}/ready/${name}/${token}/`,
      status: ({ name }: { name: string }) => `${publicUrl}/backend/${name}/status`,
      statusV2: ({ name }: { name: string }) => `${publicUrl}/v2/backend/${name}/status`,
    }
    const routes = [
      authRoute(account),
      openApiRoute,
      ...serviceRoutes(account, services),
      ...spawnRoutes({ account, services, backends, urls }),
      ...backendRoutes({ backends, clock, connectionUrl: urls.connection }),
      connectRoute({ account, services, backends, urls }),
      ...accountV2Routes({ account, services, backends }),
      ...backendV2Routes({ account, backends, clock }),
    ]
    const api = createApi({ routes, token, faults, clock, onProblem })
    const dashboard = await openDashboard({
      ...{ account, token, services, backends, faults, readyUrl: urls.ready, onProblem },
      port: options.dashboardPort,
      platformPort: options.port ?? 0,
      publicHost: new URL(publicUrl).hostname,
    })
    open.unshift(() => dashboard.close())
    const landing = landingPage({ dashboardUrl: dashboard.url, port })
    serve(
      server,
      (request, response) => landing(request, response) || api(request, response),
      proxy,
      connections,
    )

    for (const [name, { watch = [] }] of Object.entries(options.services ?? {})) {
      open.unshift(await watchFiles(watch, systemClock, () => backends.restart(name)))
    }
    const { registry } = containers
    return {
      ...{ url, publicUrl, dashboardUrl: dashboard.url, account, token, registry, faults, clock },
      env(service) {
        if (!services.has(service)) throw noService(service, services.names)
        return {
          JAMSOCKET_ACCOUNT: account,
          JAMSOCKET_SERVICE: service,
          JAMSOCKET_TOKEN: token,
          JAMSOCKET_API_URL: url,
        }
      },
      close: () => (closing ??= closeAll()),
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function noService(name: string, names: string[]): SessionBackendError {
  const known = names.length === 0 ? 'a service, and the platform has none' : `one of ${names.join(', ')}`
  return new SessionBackendError(
    'invalid_option',
    `\`service\` must be ${known}, got ${JSON.stringify(name)}.`,
  )
}

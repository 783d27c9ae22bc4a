import { once } from 'node:events'
import type { SessionBackendError } from '@session-backend/core'
import { invalidOption, systemClock } from '@session-backend/core/internal'
import { nameOf, publicNameOf } from './address.ts'
import { TERMINATE_LIMIT } from './backends/backend.ts'
import { Backends } from './backends/backends.ts'
import { createClock, type PlatformClock } from './clock.ts'
import { ClosingStack } from './closing-stack.ts'
import { landingPage } from './dashboard/landing-page.ts'
import { openDashboard } from './dashboard/server.ts'
import { Faults } from './faults/faults.ts'
import { createApi } from './http/api.ts'
import { Heartbeats } from './http/heartbeats.ts'
import { Metrics } from './http/metrics.ts'
import { serve } from './http/server.ts'
import { createUrls } from './http/urls.ts'
import { checkPlatformOptions } from './options/check.ts'
import type { MockPlatformOptions } from './options/options.ts'
import { pathUrls, subdomainUrls } from './proxy/connection-url.ts'
import { createProxy } from './proxy/index.ts'
import { createRoutes } from './routes.ts'
import { createAccessToken } from './secrets.ts'
import { listen } from './server/listen.ts'
import { openContainers } from './services/containers.ts'
import { Services } from './services/services.ts'
import { openWarmPools, type WarmPools } from './services/warm-pools.ts'
import { watchFiles } from './services/watch-files.ts'
import { type DataDir, openDataDir } from './state/data-dir.ts'

/** The environment variables with which an app finds the platform. */
export interface PlatformEnv extends Record<string, string> {
  JAMSOCKET_ACCOUNT: string
  JAMSOCKET_SERVICE: string
  JAMSOCKET_TOKEN: string
  JAMSOCKET_API_URL: string
}

/** A running platform. */
export interface MockPlatform {
  /** The URL of the API on this machine, without a slash at its end. */
  url: string
  /**
   * The beginning of all URLs in the API's answers, without a slash at its end. Other devices can use it too,
   * if they can connect.
   */
  publicUrl: string
  /** The URL of the dashboard, with a slash at its end. No backend shares its origin. */
  dashboardUrl: string
  account: string
  /** The access token of the account. */
  token: string
  /**
   * The host and port of the registry, with which the names of its images begin; `undefined` without a
   * registry.
   */
  registry: string | undefined
  /** Injects faults into the API and into backends. */
  faults: Faults
  /** The platform's clock, which tests can move forward. */
  clock: PlatformClock
  /**
   * Returns the environment variables that `jamsocket.fromEnv` reads, for an app that uses this service.
   *
   * @throws SessionBackendError `invalid_option` if the platform doesn't have this service.
   */
  env(service: string): PlatformEnv
  /** Ends every backend, then the platform. No process, socket or timer is left. */
  close(): Promise<void>
}

/**
 * Starts a platform on this machine: the whole HTTP API, backends that run as processes, and the proxy to
 * them.
 *
 * @throws SessionBackendError `invalid_option` if an option is wrong, or if another platform uses the
 * `dataDir`; Node's error with the code `EADDRINUSE` if another program listens on the `port`.
 */
export async function createMockPlatform(options: MockPlatformOptions = {}): Promise<MockPlatform> {
  checkPlatformOptions(options)
  const closing = new ClosingStack(options.onProblem ?? (() => {}))
  try {
    return await openPlatform(options, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function openPlatform(options: MockPlatformOptions, closing: ClosingStack): Promise<MockPlatform> {
  const { host = '127.0.0.1', account = 'dev', token = createAccessToken(), clock = createClock() } = options
  const { onProblem = () => {} } = options
  const dataDir = await openDataDir(options.dataDir)
  closing.push(() => dataDir.close())
  const containers = await openContainers(options, { ...dataDir, host, account, token })
  closing.push(() => containers.close())
  const services = new Services(options.services ?? {}, {
    ...containers,
    guardian: dataDir.guardian,
    now: clock.now,
  })
  const warmPools = await openWarmPools(options, { services, clock, guardian: dataDir.guardian })
  const metrics = new Metrics()
  const { backends, faults, save } = createBackends(options, { services, clock, dataDir, warmPools, metrics })
  closing.push(save)

  const { server, port } = await listen(host, options.port ?? 0)
  const closed = once(server, 'close')
  closing.push(() => {
    server.closeAllConnections()
    return closed
  })
  const proxy = createProxy(backends, { onProblem })
  closing.push(() => proxy.close())
  // While backends end, their clients' requests still reach them.
  closing.push(() => backends.close(TERMINATE_LIMIT))
  closing.push(() => warmPools.close())
  closing.push(() => void server.close())
  closing.push(() => dataDir.ending())

  const url = `http://${nameOf(host)}:${port}`
  await dataDir.listensAt(url)
  const publicUrl = new URL(options.publicUrl ?? `http://${await publicNameOf(host)}:${port}`).origin
  const connections =
    options.urls === 'subdomain'
      ? subdomainUrls(options.publicUrl ?? `http://localhost:${port}`)
      : pathUrls(publicUrl)
  const urls = createUrls(publicUrl, connections)
  const routes = createRoutes({
    ...{ account, services, backends, heartbeats: new Heartbeats(clock), urls },
    metrics: () =>
      metrics.render({
        services: services.names,
        live: backends.live,
        waiting: (service) => warmPools.waiting(service),
      }),
  })
  const api = createApi({ routes, token, faults, clock, onProblem })
  const dashboard = await openDashboard({
    ...{ account, token, services, backends, faults, warmPools, clock, readyUrl: urls.ready, onProblem },
    port: options.dashboardPort,
    platformPort: options.port ?? 0,
    publicHost: new URL(publicUrl).hostname,
  })
  closing.push(() => dashboard.close())
  const landing = landingPage({ dashboardUrl: dashboard.url, port })
  serve(
    server,
    (request, response) => landing(request, response) || api(request, response),
    proxy,
    connections,
  )

  for (const [name, { watch = [] }] of Object.entries(options.services ?? {})) {
    closing.push(await watchFiles(watch, systemClock, () => backends.restart(name)))
  }
  warmPools.fill()
  return {
    ...{ url, publicUrl, dashboardUrl: dashboard.url, account, token, faults, clock },
    registry: containers.registry,
    env(service) {
      if (!services.has(service)) throw noService(service, services.names)
      return {
        JAMSOCKET_ACCOUNT: account,
        JAMSOCKET_SERVICE: service,
        JAMSOCKET_TOKEN: token,
        JAMSOCKET_API_URL: url,
      }
    },
    close: () => closing.close(),
  }
}

/** The backends, what goes wrong with them on demand, and what makes their state durable. */
function createBackends(
  { onStatus = () => {}, onLog, onProblem = () => {}, ...options }: MockPlatformOptions,
  {
    services,
    clock,
    dataDir,
    warmPools,
    metrics,
  }: {
    services: Services
    clock: PlatformClock
    dataDir: DataDir
    warmPools: WarmPools
    metrics: Metrics
  },
) {
  const save = dataDir.keep(() => backends.state)
  const faults = new Faults((name) => backends.get(name)?.send({ type: 'lost' }))
  /** A callback that throws must not keep a backend from ending. */
  const guarded =
    <Report>(callback: (report: Report) => void) =>
    (report: Report) => {
      try {
        callback(report)
      } catch (error) {
        onProblem(error)
      }
    }
  const backends: Backends = new Backends({
    services,
    warmPools,
    clock,
    gracePeriod: (options.gracePeriodSeconds ?? 300) * 1000,
    startTimeout: (options.startTimeoutSeconds ?? 30) * 1000,
    previous: dataDir.previous,
    onStatus: guarded((report) => {
      metrics.status(report)
      onStatus(report)
    }),
    ...(onLog && { onLog: guarded(onLog) }),
    nextFault: () => faults.strikeBackend(),
    save,
  })
  return { backends, faults, save }
}

function noService(name: string, names: string[]): SessionBackendError {
  const known = names.length === 0 ? 'a service, and the platform has none' : `one of ${names.join(', ')}`
  return invalidOption('service', known, name)
}

import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Backend, TERMINATE_LIMIT } from './backend.ts'
import { Backends } from './backends.ts'
import { createClock, type PlatformClock } from './clock.ts'
import { pathUrls, subdomainUrls } from './connection-url.ts'
import { Faults } from './faults.ts'
import { createApi } from './http/api.ts'
import { authRoute } from './http/auth.ts'
import { backendRoutes } from './http/backend.ts'
import { listen, serve } from './http/server.ts'
import { serviceRoutes } from './http/services.ts'
import { spawnRoutes } from './http/spawn.ts'
import { checkOptions, type MockPlatformOptions } from './options.ts'
import { createProxy } from './proxy/index.ts'
import { Guardian, takeOver } from './runtime/guardian.ts'
import { createToken } from './secrets.ts'
import { Services } from './services.ts'
import { readState, StateFile } from './state-file.ts'

/** A platform that runs. */
export interface MockPlatform {
  /** Where the API is, without a slash at its end. */
  url: string
  account: string
  /** The access token of the account. */
  token: string
  /** Makes it fail on demand. */
  faults: Faults
  /** Its time, which tests can move forward. */
  clock: PlatformClock
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
  const { host = '127.0.0.1', account = 'dev', token = createToken(), clock = createClock() } = options
  const { onStatus = () => {}, onProblem = () => {} } = options
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir)
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true })

  const guardian = dataDir === undefined ? new Guardian() : await takeOver(join(dataDir, 'guardian'))
  const services = new Services(options.services ?? {}, guardian)
  try {
    const statePath = dataDir === undefined ? undefined : join(dataDir, 'state.json')
    const previous = statePath === undefined ? { fencingToken: 0, running: [] } : await readState(statePath)
    const stateFile = statePath === undefined ? undefined : new StateFile(statePath, () => backends.state)
    const save = async () => stateFile?.save()
    const backends: Backends = new Backends({
      services,
      clock,
      gracePeriod: (options.gracePeriodSeconds ?? 300) * 1000,
      startTimeout: (options.startTimeoutSeconds ?? 30) * 1000,
      previous,
      onStatus,
      nextFault: () => faults.strikeBackend(),
      save,
    })
    const faults = new Faults((name) => backends.get(name)?.send({ type: 'lost' }))
    const { server, port } = await listen(host, options.port ?? 0)
    const url = `http://${nameOf(host)}:${port}`
    const connections = options.urls === 'subdomain' ? subdomainUrls(port) : pathUrls(url)
    const urls = {
      connection: connections.of,
      ready: ({ name, token }: Backend) => `${url}/ready/${name}/${token}/`,
      status: ({ name }: Backend) => `${url}/backend/${name}/status`,
    }
    const routes = [
      authRoute,
      ...serviceRoutes(account, services),
      ...spawnRoutes({ account, services, backends, urls }),
      ...backendRoutes({ backends, clock, connectionUrl: urls.connection }),
    ]
    const proxy = createProxy(backends, { onProblem })
    serve(server, createApi({ routes, token, faults, clock, onProblem }), proxy, connections)

    let closing: Promise<void> | undefined
    async function close(): Promise<void> {
      const closed = new Promise((done) => server.close(done))
      await backends.close(TERMINATE_LIMIT)
      await proxy.close()
      server.closeAllConnections()
      await closed
      await save()
      await services.close()
    }
    return { url, account, token, faults, clock, close: () => (closing ??= close()) }
  } catch (error) {
    await services.close()
    throw error
  }
}

/** An address as a URL has it; one that stands for all of them is not an address to connect to. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

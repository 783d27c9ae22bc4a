import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'

/** What carries the calls of one API. */
export interface Dispatchers {
  calls: Dispatcher
  /** Separate from the calls, because streams stay open for days. */
  streams: Dispatcher
  close(): Promise<void>
}

const PROXY_VARIABLES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']

/**
 * The app's own dispatcher; else the proxy that the environment names, as `curl` has it (HTTP_PROXY,
 * HTTPS_PROXY, NO_PROXY); else keep-alive connections. No proxy leads to this machine's loopback.
 */
export function createDispatchers(origin: string, own: Dispatcher | undefined): Dispatchers {
  if (own) return { calls: own, streams: own, close: async () => {} }
  const create = () => (needsProxy(origin) ? new EnvHttpProxyAgent() : new Pool(origin))
  // There is no limit on connections, because requests would queue behind a slow platform.
  const [calls, streams] = [create(), create()]
  return {
    calls,
    streams,
    async close() {
      await Promise.all([calls.destroy(), streams.destroy()])
    },
  }
}

function needsProxy(origin: string): boolean {
  const isLoopback = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(new URL(origin).hostname)
  return !isLoopback && PROXY_VARIABLES.some((name) => process.env[name])
}

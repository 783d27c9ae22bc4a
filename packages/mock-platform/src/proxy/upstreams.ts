import type { ProxyRoute } from './route.ts'
import { Upstream } from './upstream.ts'

/** The backends that the proxy has connected to, until they end. */
export class Upstreams {
  /** One for each backend, known by the signal of its end: a backend may have many connection URLs. */
  readonly #byEnd = new Map<AbortSignal, Upstream>()

  /** The backend of a route, if it is known to be Ready. */
  get(route: ProxyRoute): Upstream | undefined {
    return this.#byEnd.get(route.ended)
  }

  /** The backend of a route, once it is Ready. Rejects as {@link ProxyRoute.whenReady} does. */
  async whenReady(route: ProxyRoute, signal: AbortSignal): Promise<Upstream> {
    const address = await route.whenReady(signal)
    signal.throwIfAborted()
    return this.get(route) ?? this.#add(route.ended, new Upstream(address))
  }

  async close(): Promise<void> {
    const all = [...this.#byEnd.values()]
    this.#byEnd.clear()
    await Promise.all(all.map((upstream) => upstream.close()))
  }

  #add(ended: AbortSignal, upstream: Upstream): Upstream {
    this.#byEnd.set(ended, upstream)
    const end = () => upstream.end(() => this.#byEnd.delete(ended))
    if (ended.aborted) end()
    else ended.addEventListener('abort', end, { once: true })
    return upstream
  }
}

import { type BackendStatus, isTerminal } from '@session-backend/core'
import type { Backend } from '../backends/backend.ts'
import type { StatusReport } from '../options/options.ts'
import type { ApiContext } from './context.ts'
import type { ApiRoute } from './router.ts'

const LIVE: readonly BackendStatus[] = ['Loading', 'Starting', 'Ready']
/** The upper bounds of the buckets of the time to Ready, in seconds. */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

interface TimesToReady {
  /** The number of times within each of {@link BOUNDS}. */
  counts: number[]
  count: number
  sum: number
}

/** The platform's current state, which the gauges show. */
export interface MetricsSource {
  services: readonly string[]
  live: readonly Backend[]
  /** How many backends of a service wait in its warm pool. */
  waiting(service: string): number
}

/** Counts what happens to backends. Only the platform reports it, so the number of labels is bounded. */
export class Metrics {
  readonly #spawns = new Map<string, number>()
  readonly #ends = new Map<string, number>()
  readonly #timesToReady = new Map<string, TimesToReady>()
  /** When backends that are not Ready yet were spawned, by their names. */
  readonly #spawnedAt = new Map<string, number>()

  status({ name, service, state, time }: StatusReport): void {
    // It was spawned before the platform was restarted.
    if (service === '') return
    const now = Date.parse(time)
    if (state === 'Loading') {
      this.#spawnedAt.set(name, now)
      increment(this.#spawns, labels({ service }))
    }
    if (state === 'Ready') this.#ready(service, (now - (this.#spawnedAt.get(name) ?? now)) / 1_000)
    if (isTerminal(state)) increment(this.#ends, labels({ service, status: state }))
    if (state === 'Ready' || isTerminal(state)) this.#spawnedAt.delete(name)
  }

  #ready(service: string, seconds: number): void {
    const times = this.#timesToReady.get(service) ?? { counts: BOUNDS.map(() => 0), count: 0, sum: 0 }
    times.counts = times.counts.map((count, i) => count + Number(seconds <= (BOUNDS[i] ?? 0)))
    times.count++
    times.sum += seconds
    this.#timesToReady.set(service, times)
  }

  /** The text that Prometheus reads. https://prometheus.io/docs/instrumenting/exposition_formats/ */
  render({ services, live, waiting }: MetricsSource): string {
    const ofService = (service: string) => live.filter(({ options }) => options.service === service)
    return [
      family('backends', 'gauge', 'Backends that have not ended, by their status.', () =>
        services.flatMap((service) =>
          LIVE.map((status) => {
            const count = ofService(service).filter((backend) => backend.status === status).length
            return [labels({ service, status }), count]
          }),
        ),
      ),
      family('connections', 'gauge', 'Open connections to backends.', () =>
        services.map((service) => [
          labels({ service }),
          ofService(service).reduce((sum, { connections }) => sum + connections, 0),
        ]),
      ),
      family('warm_backends', 'gauge', 'Backends that wait for a document in a warm pool.', () =>
        services.map((service) => [labels({ service }), waiting(service)]),
      ),
      family('spawns_total', 'counter', 'Backends that were spawned.', () => [...this.#spawns]),
      family('ends_total', 'counter', 'Backends that have ended, by their last status.', () => [
        ...this.#ends,
      ]),
      this.#renderTimes(),
    ].join('')
  }

  #renderTimes(): string {
    const name = 'session_backend_time_to_ready_seconds'
    const lines = [...this.#timesToReady].flatMap(([service, { counts, count, sum }]) => [
      ...BOUNDS.map((le, i) => `${name}_bucket${labels({ service, le: String(le) })} ${counts[i]}`),
      `${name}_bucket${labels({ service, le: '+Inf' })} ${count}`,
      `${name}_sum${labels({ service })} ${sum}`,
      `${name}_count${labels({ service })} ${count}`,
    ])
    return block(name, 'histogram', 'The time from the spawn request to Ready.', lines)
  }
}

function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  values: () => (readonly [labels: string, value: number])[],
): string {
  const full = `session_backend_${name}`
  const lines = values().map(([of, value]) => `${full}${of} ${value}`)
  return block(full, type, help, lines)
}

function block(name: string, type: string, help: string, lines: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

/** The names of services and statuses need no escapes. */
function labels(values: Readonly<Record<string, string>>): string {
  return `{${Object.entries(values)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`
}

function increment(counts: Map<string, number>, of: string): void {
  counts.set(of, (counts.get(of) ?? 0) + 1)
}

/** Serves the metrics to Prometheus, which sends the access token as its `authorization`. */
export function metricsRoute({ metrics }: ApiContext): ApiRoute {
  return {
    endpoint: 'metrics',
    method: 'GET',
    path: '/metrics',
    auth: true,
    cors: false,
    handle({ response }) {
      response.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'cache-control': 'no-store',
      })
      response.end(metrics())
    },
  }
}

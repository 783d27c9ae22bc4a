import type { Meter } from '@opentelemetry/api'

/** The upper bounds of the buckets, in seconds, for what a user waits for. */
const WAITS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** For starts of backends, some of which pull an image first. */
const STARTS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
/** For streams, which may be open for as long as a page. */
const STREAMS = [1, 5, 15, 60, 300, 900, 3600]

const seconds = (description: string, explicitBucketBoundaries: number[]) => ({
  ...{ description, unit: 's' },
  advice: { explicitBucketBoundaries },
})

/** What an app can measure. A table in docs/observability.md describes each instrument and its attributes. */
export type Instruments = ReturnType<typeof createInstruments>

export function createInstruments(meter: Meter) {
  return {
    requests: meter.createHistogram(
      'session_backend.request.duration',
      seconds('Duration of requests to the route, until the answer begins.', WAITS),
    ),
    spawns: meter.createHistogram(
      'session_backend.spawn.duration',
      seconds('Duration of calls that spawn a backend, or find it by its lock.', WAITS),
    ),
    starts: meter.createHistogram(
      'session_backend.start.duration',
      seconds('Time from the spawn of a backend until it is Ready, or has ended before.', STARTS),
    ),
    relays: meter.createHistogram(
      'session_backend.relay.duration',
      seconds('How long relayed streams were open.', STREAMS),
    ),
    readers: meter.createUpDownCounter('session_backend.relay.readers', {
      description: 'Readers of relayed streams.',
      unit: '{reader}',
    }),
    failures: meter.createCounter('session_backend.failures', {
      description: 'Requests and streams that failed.',
      unit: '{failure}',
    }),
    backends: meter.createObservableGauge('session_backend.backends', {
      description: 'Running backends of the service, as the platform lists them.',
      unit: '{backend}',
    }),
  }
}

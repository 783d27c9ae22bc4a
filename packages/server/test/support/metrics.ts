import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { onTestFinished } from 'vitest'

/** What an app's meter provider has measured since it was set up. */
export interface Measured {
  /** All instruments that have values, in order of their names. */
  read(): Promise<MetricData[]>
  /** The attributes of each value of an instrument. Of a histogram: with how many times were measured. */
  values(name: string): Promise<unknown[]>
}

/** Sets up the real SDK for one test. */
export function useMetrics(): Measured {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
  onTestFinished(async () => {
    metrics.disable()
    await provider.shutdown()
  })

  async function read() {
    exporter.reset()
    await provider.forceFlush()
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
    return scopes
      .flatMap((scope) => scope.metrics)
      .sort((one, other) => (one.descriptor.name < other.descriptor.name ? -1 : 1))
  }

  return {
    read,
    async values(name) {
      const metric = (await read()).find(({ descriptor }) => descriptor.name === name)
      return (metric?.dataPoints ?? []).map(({ attributes, value }) => ({
        ...attributes,
        value: typeof value === 'number' ? value : value.count,
      }))
    },
  }
}

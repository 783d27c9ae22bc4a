import type { Attributes, MeterProvider, ObservableCallback } from '@opentelemetry/api'
import { type BackendState, SessionBackendError } from '@session-backend/core'
import { isErrorCode } from '@session-backend/core/internal'
import type { Action } from '../common/document.ts'
import type { Platform, RunningBackend } from '../common/platform.ts'
import { createInstruments, type Instruments } from './instruments.ts'
import { openTelemetry } from './open-telemetry.ts'

/** The statuses of running backends. */
const RUNNING: readonly BackendState['state'][] = ['Loading', 'Starting', 'Ready']

let known: { provider: MeterProvider; instruments: Instruments | undefined } | undefined

/** The platforms whose backends are counted, by their ids. */
const observed = new Map<string, Platform>()

/**
 * The instruments of the app's meter provider. `undefined` without one, so that nothing is measured for nobody.
 * The app may set its provider after it was served the first time.
 */
function instruments(): Instruments | undefined {
  const api = openTelemetry()
  if (!api) return undefined
  const provider = api.metrics.getMeterProvider()
  if (known?.provider !== provider) {
    const meter = provider.getMeter('@session-backend/server')
    known = { provider, instruments: meter === api.createNoopMeter() ? undefined : createInstruments(meter) }
    known.instruments?.backends.addCallback(countBackends)
  }
  return known.instruments
}

/** Whether the app has set up metrics. */
export function isMeasuring(): boolean {
  return instruments() !== undefined
}

/** Runs work, and records how long it took. */
export function measure<T>(
  name: 'requests' | 'spawns',
  attributes: Attributes,
  work: () => Promise<T>,
  outcome?: (result: T) => Attributes,
): Promise<T> {
  const histogram = instruments()?.[name]
  if (!histogram) return work()
  const began = performance.now()
  const record = (more: Attributes | undefined) =>
    histogram.record(secondsSince(began), { ...attributes, ...more })
  return work().then(
    (result) => {
      record(outcome?.(result))
      return result
    },
    (error) => {
      record({ 'error.type': codeOf(error) })
      throw error
    },
  )
}

/** Counts a reader of a stream. Returns what to call at its end; further calls do nothing. */
export function countReader(service: string, stream: 'status' | 'logs'): (error?: unknown) => void {
  const current = instruments()
  if (!current) return () => {}
  const attributes = { 'session_backend.service': service, 'session_backend.stream': stream }
  const began = performance.now()
  current.readers.add(1, attributes)
  let isOver = false
  return (error) => {
    if (isOver) return
    isOver = true
    current.readers.add(-1, attributes)
    const failure = error === undefined ? {} : { 'error.type': codeOf(error) }
    current.relays.record(secondsSince(began), { ...attributes, ...failure })
  }
}

/** A backend was Ready, or had ended, so many ms after its spawn. */
export function recordStart(service: string, status: BackendState['state'], ms: number): void {
  // The platform's times may be no dates, and its clock may be set back.
  if (!(ms >= 0)) return
  const attributes = { 'session_backend.service': service, 'session_backend.status': status }
  instruments()?.starts.record(ms / 1000, attributes)
}

export function countFailure(error: unknown, action: Action | undefined): void {
  instruments()?.failures.add(1, {
    'error.type': codeOf(error),
    ...(action && { 'session_backend.action': action }),
  })
}

/** Counts the backends of a platform, until the returned function is called. */
export function observeBackends(platform: Platform): () => void {
  observed.set(platform.id, platform)
  return () => {
    if (observed.get(platform.id) === platform) observed.delete(platform.id)
  }
}

/** Called for each export. A platform that can't list its backends is left out. */
const countBackends: ObservableCallback = async (result) => {
  for (const platform of observed.values()) {
    const backends = await listed(platform)
    for (const status of backends ? RUNNING : []) {
      const count = backends?.filter((backend) => backend.status === status).length ?? 0
      const attributes = { 'session_backend.service': platform.service, 'session_backend.status': status }
      result.observe(count, attributes)
    }
  }
}

async function listed(platform: Platform): Promise<RunningBackend[] | undefined> {
  try {
    return await platform.list?.()
  } catch {
    return undefined
  }
}

/** The code of an error. The codes are a closed list, also if somebody else made the error. */
export function codeOf(error: unknown): string {
  if (error instanceof SessionBackendError && isErrorCode(error.code)) return error.code
  return error instanceof Error && error.name === 'AbortError' ? 'aborted' : 'internal'
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000
}

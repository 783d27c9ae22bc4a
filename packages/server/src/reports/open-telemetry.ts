/** The API of OpenTelemetry, an optional peer dependency. */
export type OpenTelemetry = typeof import('@opentelemetry/api')

let loading: Promise<OpenTelemetry | undefined> | undefined
let loaded: OpenTelemetry | undefined

async function load(): Promise<OpenTelemetry | undefined> {
  try {
    loaded = await import('@opentelemetry/api')
  } catch {
    // Not installed: neither traces nor metrics.
  }
  return loaded
}

/** The API, if the app has installed it and it was loaded before. */
export function openTelemetry(): OpenTelemetry | undefined {
  return loaded
}

/** Runs work with the API, or with `undefined` if it isn't installed. */
export function withOpenTelemetry<T>(work: (api: OpenTelemetry | undefined) => Promise<T>): Promise<T> {
  if (loaded) return work(loaded)
  loading ??= load()
  return loading.then(work)
}

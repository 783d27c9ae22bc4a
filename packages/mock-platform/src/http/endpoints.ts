/** The names of the API's endpoints, by which faults are asked for. */
export const ENDPOINTS = [
  'auth',
  'services',
  'create-service',
  'spawn',
  'fetch',
  'status',
  'status/stream',
  'logs',
  'ready',
  'terminate',
  'openapi',
] as const

/** One of the {@link ENDPOINTS}. */
export type Endpoint = (typeof ENDPOINTS)[number]

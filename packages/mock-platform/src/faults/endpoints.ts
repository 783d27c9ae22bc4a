/** The names of the API's endpoints, for faults. */
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
  'ready/log',
  'ready/retry',
  'terminate',
  'openapi',
  'metrics',
  'v2/connect',
  'v2/status',
  'v2/status/stream',
  'v2/logs',
  'v2/terminate',
  'v2/backend',
  'v2/backends',
  'v2/services',
  'v2/create-service',
  'v2/service',
  'v2/delete-service',
] as const

/** The name of one of the API's endpoints, for faults. */
export type Endpoint = (typeof ENDPOINTS)[number]

import type { BackendState } from '@session-backend/core'
import { projection } from '../projection.ts'

/**
 * The statuses of a backend in v1: the one that it has, and when it reached each. Specification: "Backend
 * statuses".
 */
export const statusesOf = projection<BackendState>(({ status, time }, before, _last, { name }) =>
  status === before?.status ? [] : [{ state: status, time, backend: name }],
)

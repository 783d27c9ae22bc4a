import type { Backend } from '../../backends/backend.ts'

/** The one place where backends run. */
const CLUSTER = 'localhost'

/** A backend as v2 lists it. */
export function describeBackend(account: string, backend: Backend) {
  const { name, lock, createdAt, options } = backend
  return {
    id: name,
    created_at: createdAt,
    service_name: options.service,
    cluster_name: CLUSTER,
    account_name: account,
    ...(lock !== undefined && { key: lock }),
  }
}

/**
 * As {@link describeBackend}, with what the hosted platform doesn't tell: what it runs (`null`: the service's
 * own), and its open connections.
 */
export function describeRunning(account: string, backend: Backend) {
  const { tag = null } = backend.options
  return { ...describeBackend(account, backend), tag, connections: backend.connections }
}

/** When a service was created and last used, in RFC 3339. */
export interface ServiceTimes {
  createdAt: string
  lastSpawn: string | null
}

/** A service as v2 describes it. */
export function describeService(account: string, name: string, { createdAt, lastSpawn }: ServiceTimes) {
  return {
    name,
    account_name: account,
    created_at: createdAt,
    last_spawned_at: lastSpawn,
    last_image_upload_time: null,
    last_image_digest: null,
    image_name: `${account}/${name}`,
    environments: [
      {
        name: 'default',
        image_tag: 'latest',
        cluster: CLUSTER,
        created_at: createdAt,
        last_spawned_at: lastSpawn,
      },
    ],
  }
}

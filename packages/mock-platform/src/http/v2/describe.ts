import type { Backend } from '../../backends/backend.ts'

/** The one place where backends run. */
const CLUSTER = 'localhost'

/** A backend as the newer API lists it. */
export function describeBackend(account: string, backend: Backend) {
  const { name, lock, statuses, options } = backend
  return {
    id: name,
    created_at: statuses.values[0]?.time ?? '',
    service_name: options.service,
    cluster_name: CLUSTER,
    account_name: account,
    ...(lock !== undefined && { key: lock }),
  }
}

/** A service as the newer API describes it. Nobody records what happened before the platform was started. */
export function describeService(account: string, name: string, lastSpawn: string | null) {
  const created_at = new Date(0).toISOString()
  return {
    name,
    account_name: account,
    created_at,
    last_spawned_at: lastSpawn,
    last_image_upload_time: null,
    last_image_digest: null,
    image_name: `${account}/${name}`,
    environments: [
      { name: 'default', image_tag: 'latest', cluster: CLUSTER, created_at, last_spawned_at: lastSpawn },
    ],
  }
}

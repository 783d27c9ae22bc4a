import type { Backend } from '../../backend.ts'

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

/** A service as the newer API describes it. There is one environment, and nobody records what happened before. */
export function describeService(account: string, name: string, lastSpawn: string | null) {
  return {
    name,
    account_name: account,
    created_at: new Date(0).toISOString(),
    last_spawned_at: lastSpawn,
    last_image_upload_time: null,
    last_image_digest: null,
    image_name: `${account}/${name}`,
    environments: [],
  }
}

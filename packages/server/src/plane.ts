import { createBackoff, parseConnectAnswer, sleep } from '@session-backend/core/internal'
import { checkLock, pathPart } from './common/checks.ts'
import type { CallOptions, FetchCall, Platform, SpawnOptions, TraceHeaders } from './common/platform.ts'
import { createKeyDerivation } from './engine/derive-key.ts'
import { createHttpClient } from './engine/http-client.ts'
import { toSpawnBody } from './engine/spawn-request.ts'
import { followStates } from './engine/state-stream.ts'
import { toVerified } from './engine/verified-user.ts'
import { fromPlane, isRace } from './plane/errors.ts'
import {
  type PlaneExecutable,
  type PlaneOptions,
  type PlaneSettings,
  parsePlaneOptions,
  withTag,
} from './plane/options.ts'

export type { PlaneExecutable, PlaneOptions }

/**
 * A client of Plane. Plane's API has neither logs nor a list of backends: the log is where the drone's Docker
 * writes it.
 */
export interface Plane extends Platform {
  /** Stops a backend: by SIGTERM and, after Plane's own limit, SIGKILL; with `hard`, by SIGKILL at once. */
  terminate(name: string, options?: CallOptions & { hard?: boolean | undefined }): Promise<void>
}

/**
 * Plane's proxy reports open connections every 5 s, and Plane looks for idle backends every 5 s. With a
 * shorter limit, it would end backends that are in use.
 */
const MIN_IDLE_SECONDS = 15
const MAX_RACES = 5

/**
 * Creates a client of Plane, the open-source engine. The controller starts a container for each lock. Each
 * user gets their own connection token, and Plane's proxy tells the backend who the user is
 * (`x-verified-username`, `x-verified-user-data`). Written for Plane 0.5.
 *
 * @throws SessionBackendError `invalid_option` if an option is missing or wrong. Its methods throw as
 * {@link Platform} describes.
 */
export function plane(options: PlaneOptions): Plane {
  const settings = parsePlaneOptions(options)
  const { origin, prefix, service, namespace, tag, token, staticToken, timeout, clock } = settings
  const http = createHttpClient(settings)
  // A proxy in front of the controller checks it for statuses too.
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const keyOf = (lock: string) => ({ name: checkLock(lock), namespace, tag })

  async function call(
    path: string,
    body: object | undefined,
    signal?: AbortSignal,
    headers?: TraceHeaders,
  ): Promise<unknown> {
    const deadline = clock.now() + timeout
    const backoff = createBackoff({ initial: 50 })
    for (let attempts = 1; ; attempts++) {
      try {
        const method = 'POST'
        const request = { method, path: `${prefix}/ctrl/${path}`, body, headers, repeatable: true } as const
        return await http.call(request, { signal, deadline })
      } catch (error) {
        const wait = backoff.next()
        const isLast = attempts === MAX_RACES || clock.now() + wait >= deadline
        if (!isRace(error) || isLast) throw fromPlane(error)
        await sleep(clock, wait, signal)
      }
    }
  }

  async function connect(
    { lock, grant }: FetchCall,
    spawn: SpawnOptions | undefined,
    signal?: AbortSignal,
    trace?: TraceHeaders,
  ) {
    const body = {
      key: keyOf(lock),
      ...(spawn && { spawn_config: toSpawnConfig(settings, spawn) }),
      // With a static token, Plane silently tells the backend nothing about users.
      ...(!staticToken && toVerified(grant)),
    }
    return parseConnectAnswer(await call('connect', body, signal, trace))
  }

  const backendPath = (name: string) => `b/${encodeURIComponent(pathPart(name, 'name'))}`

  return {
    id: `plane ${origin}${prefix} ${namespace} ${tag}${staticToken ? ' static' : ''}`,
    service,
    sharesSessions: staticToken,
    ...(token !== undefined && { deriveKey: createKeyDerivation(token, service) }),

    spawn: ({ lock, grant, trace, ...spawn }, { signal } = {}) =>
      connect({ lock, grant }, spawn, signal, trace),

    fetch: (request, { signal } = {}) => connect(request, undefined, signal),

    statusStream(name, call = {}) {
      // The status, not its stream: Plane answers with an empty stream for a backend that it doesn't know.
      const url = `${origin}${prefix}/pub/${backendPath(name)}/status`
      return http.untilClosed(call.signal, (signal) =>
        followStates(url, { signal, headers, fetch: http.stream, clock }),
      )
    },

    async terminate(name, { hard = false, signal } = {}) {
      await call(`${backendPath(name)}/${hard ? 'hard' : 'soft'}-terminate`, undefined, signal)
    },

    close: () => http.close(),
  }
}

/** Plane's `spawn_config`. Its numbers of seconds are whole. */
function toSpawnConfig(settings: PlaneSettings, options: SpawnOptions): object {
  const { executable, service, cluster, pool, idleSeconds, lifetimeSeconds, staticToken } = settings
  const { tag, grace_period_seconds = idleSeconds, env } = toSpawnBody(options)
  const { image, pullPolicy, credentials, resourceLimits = {}, mount, networkName } = executable
  return {
    cluster,
    pool,
    executable: {
      image: tag === undefined ? image : withTag(image, tag),
      pull_policy: pullPolicy,
      credentials,
      env: { ...executable.env, ...env, JAMSOCKET_SERVICE: service },
      resource_limits: {
        cpu_period_percent: resourceLimits.cpuPercent,
        memory_limit_bytes: resourceLimits.memoryBytes,
        disk_limit_bytes: resourceLimits.diskBytes,
      },
      mount,
      network_name: networkName,
    },
    max_idle_seconds: Math.max(Math.ceil(grace_period_seconds), MIN_IDLE_SECONDS),
    use_static_token: staticToken || undefined,
    lifetime_limit_seconds: lifetimeSeconds === undefined ? undefined : Math.ceil(lifetimeSeconds),
  }
}

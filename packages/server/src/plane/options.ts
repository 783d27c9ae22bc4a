import type { Clock } from '@session-backend/core'
import { isRecord, systemClock } from '@session-backend/core/internal'
import type { Dispatcher } from 'undici'
import {
  BOOLEAN,
  CLOCK,
  check,
  checkEnv,
  checkOptional,
  checkTimeout,
  DISPATCHER,
  OBJECT,
  oneOf,
  POSITIVE,
  parseApiUrl,
  pathPart,
  type Rule,
  SECONDS,
  TEXT,
  TOKEN,
} from '../common/checks.ts'

/** What Plane runs: a container. */
export interface PlaneExecutable {
  /**
   * The image, as Docker names it: `registry.example.com/acme/editor:v1`. A spawn's `tag` replaces its tag.
   */
  image: string
  /** Environment variables of every backend. A spawn's `env` overrides them. */
  env?: Readonly<Record<string, string>> | undefined
  /** When to pull the image. Default `IfNotPresent`. */
  pullPolicy?: 'IfNotPresent' | 'Always' | 'Never' | undefined
  /** The credentials of the registry, if it needs any. They are sent to the controller with every spawn. */
  credentials?: { username: string; password: string } | undefined
  /** Limits on a container: percent of one processor, bytes of memory, bytes of disk. */
  resourceLimits?: { cpuPercent?: number; memoryBytes?: number; diskBytes?: number } | undefined
  /**
   * The folder below the drone's `--mount-base` that is mounted at `/plane-data`; `true` mounts one folder
   * for each lock. Default: nothing is mounted.
   */
  mount?: string | boolean | undefined
  /** The Docker network that the container joins. Default: Docker's own. */
  networkName?: string | undefined
}

/** Options of {@link plane}. */
export interface PlaneOptions {
  /** The URL at which this server reaches the controller: `http://plane-controller:8080`. */
  controllerUrl: string
  /** What runs as the backend of each document. */
  executable: PlaneExecutable
  /**
   * The service's name. Default locks begin with it, and backends get it as JAMSOCKET_SERVICE. Default: the
   * image's name.
   */
  service?: string | undefined
  /** The cluster that runs the backends. Default: the controller's default cluster. */
  cluster?: string | undefined
  /** The pool of drones that may run the backends. Default: drones without a pool. */
  pool?: string | undefined
  /** The namespace of the keys. Default: the service. */
  namespace?: string | undefined
  /** The tag of the keys. Users can't connect to a backend whose key has another tag. Default: none. */
  tag?: string | undefined
  /**
   * Seconds without a connection until a backend is swept, unless the spawn sets them. At least 15. Default
   * 300.
   */
  idleSeconds?: number | undefined
  /** How long a backend may live, in seconds. Default: as long as it is used. */
  lifetimeSeconds?: number | undefined
  /**
   * Whether all users of a backend share one token. The backend gets it as SESSION_BACKEND_STATIC_TOKEN,
   * serves its pages below `/<token>/`, and gets the whole path of each request. Plane doesn't tell it who
   * its users are; the app's route does. Default false: each user gets their own token.
   */
  staticToken?: boolean | undefined
  /**
   * Sent as a bearer token to the controller, for a proxy in front of it or its `--forward-auth`. Default:
   * none.
   */
  token?: string | undefined
  /** The deadline of a call in ms, including retries. Streams have no deadline. Default 10,000. */
  timeout?: number | undefined
  /** An undici dispatcher for the calls. The app must close it. Default: as with `jamsocket`. */
  dispatcher?: Dispatcher | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
}

/** {@link PlaneOptions}, checked and complete. */
export interface PlaneSettings
  extends Pick<PlaneOptions, 'executable' | 'cluster' | 'pool' | 'lifetimeSeconds' | 'token' | 'dispatcher'> {
  origin: string
  prefix: string
  service: string
  namespace: string
  tag: string
  idleSeconds: number
  staticToken: boolean
  timeout: number
  clock: Clock
}

const DEFAULT_IDLE_SECONDS = 300

/** Throws `invalid_option` and names the option. */
export function parsePlaneOptions(options: PlaneOptions): PlaneSettings {
  const {
    executable,
    token,
    idleSeconds = DEFAULT_IDLE_SECONDS,
    lifetimeSeconds,
    staticToken = false,
  } = options
  checkExecutable(executable)
  check('idleSeconds', idleSeconds, SECONDS)
  checkOptional('lifetimeSeconds', lifetimeSeconds, SECONDS)
  checkOptional('token', token, TOKEN)
  check('staticToken', staticToken, BOOLEAN)
  for (const name of ['cluster', 'pool', 'namespace'] as const) checkOptional(name, options[name], TEXT)
  checkOptional('dispatcher', options.dispatcher, DISPATCHER)
  const { origin, prefix } = parseApiUrl(options.controllerUrl, 'controllerUrl')
  const service = pathPart(options.service ?? imageName(executable.image), 'service')
  const { cluster, pool, namespace = service, tag = '', clock = systemClock } = options
  check('clock', clock, CLOCK)
  check('tag', tag, TAG)
  const timeout = checkTimeout(options.timeout)
  return {
    ...{ executable, origin, prefix, service, cluster, pool, namespace, tag },
    ...{ idleSeconds, lifetimeSeconds, staticToken, token, timeout, clock, dispatcher: options.dispatcher },
  }
}

function checkExecutable(executable: PlaneExecutable): void {
  check('executable', executable, OBJECT)
  const { image, env, pullPolicy, credentials, resourceLimits, mount, networkName } = executable
  check('executable.image', image, TEXT)
  if (env !== undefined) checkEnv(env, 'executable.env')
  checkOptional('executable.pullPolicy', pullPolicy, PULL_POLICY)
  checkOptional('executable.credentials', credentials, CREDENTIALS)
  checkOptional('executable.resourceLimits', resourceLimits, OBJECT)
  for (const [name, limit] of Object.entries(resourceLimits ?? {})) {
    checkOptional(`executable.resourceLimits.${name}`, limit, POSITIVE)
  }
  checkOptional('executable.mount', mount, MOUNT)
  checkOptional('executable.networkName', networkName, TEXT)
}

/** Plane's keys have an empty tag by default. */
const TAG: Rule = {
  expected: TEXT.expected,
  isValid: (value) => value === '' || TEXT.isValid(value),
}
const PULL_POLICY = oneOf('IfNotPresent', 'Always', 'Never')
const CREDENTIALS: Rule = {
  expected: 'an object with `username` and `password`',
  isValid: (value) => isRecord(value) && TEXT.isValid(value.username) && TEXT.isValid(value.password),
  typeOnly: true,
}
const MOUNT: Rule = {
  expected: 'a folder, true or false',
  isValid: (value) => TEXT.isValid(value) || BOOLEAN.isValid(value),
}

/** `editor`, of `registry.example.com:5000/acme/editor:v1`. */
function imageName(image: string): string {
  return /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(image)?.[1] ?? image
}

/** An image with another tag. */
export function withTag(image: string, tag: string): string {
  return `${image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')}:${tag}`
}

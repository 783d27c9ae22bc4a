import { isIP } from 'node:net'
import type { BackendState, Clock } from '@session-backend/core'
import * as v from 'valibot'
import type { PlatformClock } from './clock.ts'
import { optionError } from './option-error.ts'
import { toBytes } from './runtime/docker/memory.ts'
import type { Serve } from './runtime/in-memory.ts'

/** Runs each backend as a process. */
export interface CommandOptions {
  /**
   * The program and its arguments. No shell is involved. `$PORT` and `${PORT}` are replaced with the
   * backend's port.
   */
  command: readonly [string, ...string[]]
  /** The directory to run it in. Default: the current directory. */
  cwd?: string | undefined
  /** Added to the platform's own environment. A spawn request's `env` overrides it. */
  env?: Readonly<Record<string, string>> | undefined
}

/** Runs each backend as a function in this process, for fast tests. */
export interface ServeOptions {
  serve: Serve
  env?: Readonly<Record<string, string>> | undefined
}

/** Runs each backend as a container. It needs Docker Engine on this machine. */
export interface ImageOptions {
  /**
   * The image, as for `docker pull`: `acme/editor`, or `ghcr.io/acme/editor:v2`. The `tag` of a spawn request
   * replaces its tag, which is `latest` by default. The image is pulled if this machine doesn't have it.
   */
  image: string
  /** Added to the image's own environment. A spawn request's `env` overrides it. */
  env?: Readonly<Record<string, string>> | undefined
  /** The most memory of a backend: a number of bytes, or a text such as `512m`. Default: no limit. */
  memory?: number | string | undefined
  /** The most CPU time of a backend, as a number of processors such as `0.5`. Default: no limit. */
  cpus?: number | undefined
}

/** What runs each backend: a process, a function or a container. */
export type ProgramOptions = CommandOptions | ServeOptions | ImageOptions

/** What one service runs. */
export type ServiceOptions = ProgramOptions & {
  /**
   * How many backends to keep waiting for a document, so that opening one doesn't wait for a process to
   * start. The `command` must support warm pools, as programs with `backendAssignment` of
   * @session-backend/backend or with the official library do. Default 0.
   */
  warm?: number | undefined
  /** What to run instead for spawn requests with this `tag`. */
  tags?: Readonly<Record<string, ProgramOptions>> | undefined
  /**
   * Files and folders. When one changes, the service's backends stop gracefully, and opening a document
   * starts a new one.
   */
  watch?: readonly string[] | undefined
  /**
   * Whether all users of a backend share one token. The program gets it as SESSION_BACKEND_STATIC_TOKEN,
   * serves its pages below `/<token>/`, and gets the whole path of each request. The platform doesn't tell it
   * who its users are. A spawn request's `use_static_token` overrides this. Default false.
   */
  staticToken?: boolean | undefined
}

/** What `onStatus` gets: a backend has reached a status. */
export interface StatusReport extends BackendState {
  name: string
  service: string
  /** If the backend failed: why, and what to do next. */
  reason?: string | undefined
  /** If the backend failed: the last lines that it wrote to stderr. */
  stderr?: readonly string[] | undefined
}

/** Options of {@link createMockPlatform}. */
export interface MockPlatformOptions {
  /** The port to listen on. Default 0: any free port. */
  port?: number | undefined
  /** The address to listen on. Default `127.0.0.1`: nobody outside this machine can connect. */
  host?: string | undefined
  /**
   * The URL at which browsers reach the platform, as in `https://platform.example`. The URLs in answers begin
   * with it. Default: the `host` and port. If `host` means all addresses (`0.0.0.0`, `::`), it is this
   * machine's address on its network.
   */
  publicUrl?: string | undefined
  /**
   * The port of the dashboard, on loopback only. Default: `port` plus 1, or any free port if that is taken or
   * `port` is 0.
   */
  dashboardPort?: number | undefined
  /** The name of the account. Default `dev`. */
  account?: string | undefined
  /** The access token of the account. Default: a random one. */
  token?: string | undefined
  /** What each service runs, by its name. Default: no services. */
  services?: Readonly<Record<string, ServiceOptions>> | undefined
  /**
   * The port of a registry for `docker push`; 0 is any free port. A service without a command or an image
   * then runs the image `[account]/[service]` from it. It needs the program docker-registry. Default: no
   * registry.
   */
  registryPort?: number | undefined
  /** How long a backend may be idle if the spawn request doesn't say, in seconds. Default 300. */
  gracePeriodSeconds?: number | undefined
  /** How long a backend may take until it listens on its port, in seconds. Default 30. */
  startTimeoutSeconds?: number | undefined
  /**
   * A folder that keeps the fencing tokens rising across restarts, and keeps the registry's images. Only one
   * platform at a time may use it. Default: nothing is kept.
   */
  dataDir?: string | undefined
  /**
   * `path` puts connection URLs below the platform's own address. `subdomain` gives each backend its own
   * origin, `http://<name>.localhost:<port>/<token>/`; with a `publicUrl`, the names are below its host.
   * Default `path`.
   */
  urls?: 'path' | 'subdomain' | undefined
  /** The platform's clock. Default: `createClock()`, which follows the real time and can be advanced. */
  clock?: PlatformClock | undefined
  /** Called for each status that a backend reaches. */
  onStatus?: ((report: StatusReport) => void) | undefined
  /** Called for each bug of the platform itself. Default: they are ignored. */
  onProblem?: ((problem: unknown) => void) | undefined
}

/** The name of a service: it is a part of URLs. */
export const SERVICE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/
export const ServiceName = v.pipe(v.string(), v.regex(SERVICE_NAME))

/** How many backends of a service may wait: each is a process. */
const MAX_WARM = 100

/** Sets the text that follows "must be" in the message about an invalid value. */
function mustBe<Schema extends v.GenericSchema>(expected: string, schema: Schema) {
  return v.optional(v.config(schema, { message: expected }))
}

const port = mustBe(
  'an integer from 0 to 65535',
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
)
const seconds = mustBe('a number of at least 0 seconds', v.pipe(v.number(), v.finite(), v.minValue(0)))
const callback = mustBe('a function', v.function())
const path = mustBe('a path', v.pipe(v.string(), v.nonEmpty()))

const env = v.optional(v.record(v.string(), v.string()))
const ofService = {
  tags: v.optional(v.unknown()),
  watch: v.optional(v.array(v.string())),
  staticToken: v.optional(v.boolean()),
}
const WHAT_RUNS =
  'an object with one of `command` (a list: the program and its arguments), `serve` (a function) and `image`, and with the options of that one'
const Runnable = v.union([
  v.strictObject({
    command: v.tupleWithRest([v.pipe(v.string(), v.nonEmpty())], v.string()),
    cwd: v.optional(v.string()),
    env,
    ...ofService,
    warm: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_WARM))),
  }),
  v.strictObject({ serve: v.function(), env, ...ofService }),
  v.strictObject({
    image: v.pipe(v.string(), v.regex(/^\w[\w.:/@-]*$/)),
    env,
    memory: v.optional(v.custom<number | string>((value) => toBytes(value) !== undefined)),
    cpus: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0.01))),
    ...ofService,
  }),
])
const Service = v.pipe(
  v.custom<{ tags?: unknown }>((value) => v.is(Runnable, value), WHAT_RUNS),
  v.check(
    ({ tags }) => v.is(v.optional(v.record(v.string(), Runnable)), tags),
    `${WHAT_RUNS}, also for each of \`tags\``,
  ),
)
const ServicesByName = v.record(
  v.config(ServiceName, { message: 'a name of up to 63 letters, digits, - and _' }),
  Service,
  'an object with the services by their names',
)

const Options = v.pipe(
  v.strictObject({
    port,
    dashboardPort: port,
    registryPort: port,
    host: mustBe('an address or the name of a host', v.pipe(v.string(), v.nonEmpty())),
    publicUrl: mustBe('an http or https URL without a path', v.pipe(v.string(), v.check(isOrigin))),
    account: mustBe(
      'a name of up to 63 letters, digits, - and _',
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,63}$/)),
    ),
    token: mustBe('a text of visible ASCII characters', v.pipe(v.string(), v.regex(/^[!-~]+$/))),
    services: v.optional(ServicesByName),
    gracePeriodSeconds: seconds,
    startTimeoutSeconds: seconds,
    dataDir: path,
    urls: mustBe('`path` or `subdomain`', v.picklist(['path', 'subdomain'])),
    clock: mustBe('a clock, as `createClock` makes them', v.custom<Clock>(isClock)),
    onStatus: callback,
    onProblem: callback,
  }),
  v.forward(
    v.check(
      ({ urls, publicUrl }) => urls !== 'subdomain' || publicUrl === undefined || isNamed(publicUrl),
      'a URL whose host is a name, not an address: with `urls: "subdomain"` each backend has a name below it',
    ),
    ['publicUrl'],
  ),
)

/** Whether the host of a URL is a name, below which there can be others. */
function isNamed(url: string): boolean {
  return isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) === 0
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
}

function isClock(value: unknown): boolean {
  return ['now', 'after', 'advance'].every((name) => typeof Object(value)[name] === 'function')
}

/** Checks what a caller without types may have got wrong. Throws `invalid_option`, which names the option. */
export function checkPlatformOptions(options: MockPlatformOptions): void {
  const { success, issues } = v.safeParse(Options, options)
  if (!success) throw optionError(issues[0], 'options')
}

import { isIP } from 'node:net'
import type { BackendState, Clock } from '@session-backend/core'
import * as v from 'valibot'
import type { PlatformClock } from './clock.ts'
import { optionError } from './option-error.ts'
import { toBytes } from './runtime/docker/memory.ts'
import type { Serve } from './runtime/in-memory.ts'

/** What runs for a backend: a process. */
export interface CommandOptions {
  /** The program and its arguments. No shell is involved; `$PORT` and `${PORT}` become the backend's port. */
  command: readonly [string, ...string[]]
  /** Where to run it. Default: the current directory. */
  cwd?: string | undefined
  /** Added to the platform's own environment; a spawn request's `env` comes on top. */
  env?: Readonly<Record<string, string>> | undefined
}

/** What runs for a backend: a function of this process, for fast tests. */
export interface ServeOptions {
  serve: Serve
  env?: Readonly<Record<string, string>> | undefined
}

/** What runs for a backend: a container. It needs Docker Engine on this machine. */
export interface ImageOptions {
  /**
   * The image, as `docker pull` takes it: `acme/editor`, or `ghcr.io/acme/editor:v2`. The `tag` of a spawn request
   * takes the place of its tag, which is `latest` by default. It is pulled if this machine hasn't got it.
   */
  image: string
  /** Added to the image's own environment; a spawn request's `env` comes on top. */
  env?: Readonly<Record<string, string>> | undefined
  /** At most so much memory: a number of bytes, or as in `512m`. Default: no limit. */
  memory?: number | string | undefined
  /** At most the time of so many processors, as in `0.5`. Default: no limit. */
  cpus?: number | undefined
}

/** What runs for a backend. */
export type ProgramOptions = CommandOptions | ServeOptions | ImageOptions

/** What one service runs. */
export type ServiceOptions = ProgramOptions & {
  /**
   * How many backends wait for a document that is not opened yet, so that no start has to be waited for. For a `command`
   * that takes its document from a warm pool, as `backendAssignment` of @session-backend/backend and the official
   * library do. Default 0.
   */
  warm?: number | undefined
  /** What to run instead for spawn requests with this `tag`. */
  tags?: Readonly<Record<string, ProgramOptions>> | undefined
  /** Files and folders. When one changes, the service's backends end gracefully: opened again, they are new. */
  watch?: readonly string[] | undefined
  /**
   * One token for all users of a backend, which finds it as SESSION_BACKEND_STATIC_TOKEN: the program serves its pages
   * below `/<token>/`, and gets the paths of requests whole. It doesn't learn who its users are. Default: false. A spawn
   * request's `use_static_token` wins.
   */
  staticToken?: boolean | undefined
}

/** A step in the life of a backend. */
export interface StatusReport extends BackendState {
  name: string
  service: string
  /** Why it has ended and what to do next, if it has failed. */
  reason?: string | undefined
  /** The last lines that it wrote to stderr, if it has failed. */
  stderr?: readonly string[] | undefined
}

/** Options of {@link createMockPlatform}. */
export interface MockPlatformOptions {
  /** Default 0: any free port. */
  port?: number | undefined
  /** The address to listen on. Default `127.0.0.1`: nobody outside this machine can connect. */
  host?: string | undefined
  /**
   * What the URLs in answers begin with, as in `https://platform.example`: how browsers reach the platform. Default: the
   * `host` and port; for a `host` of all addresses (`0.0.0.0`, `::`) the address from which this machine sends to other
   * networks.
   */
  publicUrl?: string | undefined
  /**
   * The port of the dashboard, on loopback only. Default: the one after `port`, or any free one if that is taken or
   * `port` is 0.
   */
  dashboardPort?: number | undefined
  /** Default `dev`. */
  account?: string | undefined
  /** The access token of the account. Default: a random one. */
  token?: string | undefined
  /** What each service runs, by its name. Default: no services. */
  services?: Readonly<Record<string, ServiceOptions>> | undefined
  /**
   * Where to offer a registry, to which `docker push` brings the account's images: 0 is any free port. A service that
   * was given nothing to run then runs its image, `[account]/[service]`. Default: no registry. It needs the program
   * docker-registry.
   */
  registryPort?: number | undefined
  /** How long a backend may be idle if the spawn request doesn't say, in seconds. Default 300. */
  gracePeriodSeconds?: number | undefined
  /** How long a backend may take from its launch to listening, in seconds. Default 30. */
  startTimeoutSeconds?: number | undefined
  /**
   * Where to keep the fencing tokens, so that they rise across restarts, and the registry's images. One platform at
   * a time may use it.
   */
  dataDir?: string | undefined
  /**
   * How connection URLs look: below the platform's own address (`path`, default), or each backend with an
   * own origin, `http://<name>.localhost:<port>/<token>/` (`subdomain`). With a `publicUrl` the names are below
   * its host.
   */
  urls?: 'path' | 'subdomain' | undefined
  /** Default: {@link createClock}'s, which passes as time does and can be advanced. */
  clock?: PlatformClock | undefined
  /** Told of each status that a backend reaches. */
  onStatus?: ((report: StatusReport) => void) | undefined
  /** Told of defects: what the platform itself did wrong. Default: they are ignored. */
  onProblem?: ((problem: unknown) => void) | undefined
}

/** The name of a service: it is a part of URLs. */
export const SERVICE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/
export const ServiceName = v.pipe(v.string(), v.regex(SERVICE_NAME))

/** How many backends of a service may wait: each is a process. */
const MAX_WARM = 100

/** What is wrong with a value of this schema is told by what it must be. */
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

import type { Server } from 'node:http'
import type { BackendState } from '@session-backend/core'
import type { PlatformClock } from '../clock.ts'

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

/** What a backend that is a function gets in addition to its server. */
export interface ServeContext {
  /** The same variables that a process would find, `PORT` included. */
  env: Readonly<Record<string, string>>
  /** Writes a line to the backend's log. */
  log: (line: string) => void
  /** Ends the backend, as a process that exits with this code does. */
  exit: (code: number) => void
  /**
   * Names what is to be done when the platform asks the backend to end, as a process does at SIGTERM: to
   * save, for instance. The backend ends when the promise that it returns settles, or is killed after 10 s.
   */
  beforeEnd: (callback: () => unknown) => void
  /** Aborts when the platform asks the backend to end. */
  signal: AbortSignal
}

/**
 * A backend that is a function instead of a process: add listeners to the server, which the platform lets
 * listen when the function has returned. What it throws fails the start.
 */
export type Serve = (server: Server, context: ServeContext) => void | Promise<void>

/** Runs each backend as a function in this process, for fast tests. */
export interface ServeOptions {
  /** Called for each backend that starts. */
  serve: Serve
  /** Variables of the backend's `context.env`. A spawn request's `env` overrides them. */
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
   * How many backends to keep waiting for a document, so that opening one doesn't wait for a start. What runs
   * must support warm pools, as programs with `backendAssignment` of @session-backend/backend or with the
   * official library do. Default 0.
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
  /** Its lock (v1) or key (v2), if it has one. */
  lock?: string | undefined
  /** If the backend failed: why, and what to do next. */
  reason?: string | undefined
  /** If the backend failed: the last lines that it wrote to stderr. */
  stderr?: readonly string[] | undefined
  /** If the backend has ended, and its process was seen to: how. */
  exit?: BackendExit | undefined
}

/** How a backend's process ended. */
export interface BackendExit {
  /** Its exit code; `null` if a signal ended it. */
  code: number | null
  /** The signal that ended it; `null` if it exited, or if the runtime doesn't know. */
  signal: NodeJS.Signals | null
}

/** A line that a backend printed. */
export interface LogLine {
  /** The backend's name. */
  name: string
  service: string
  /** Its lock (v1) or key (v2), if it has one. */
  lock?: string | undefined
  line: string
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
  /** Called for each line that a backend prints. */
  onLog?: ((line: LogLine) => void) | undefined
  /** Called for each bug of the platform itself. Default: they are ignored. */
  onProblem?: ((problem: unknown) => void) | undefined
}

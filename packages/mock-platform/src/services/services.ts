import { resolve } from 'node:path'
import { toBytes } from '../options/memory.ts'
import type { ImageOptions, ProgramOptions, ServiceOptions } from '../options/options.ts'
import type { DockerRuntime } from '../runtime/docker/index.ts'
import type { Guardian } from '../runtime/guardian.ts'
import { inMemoryRuntime } from '../runtime/in-memory.ts'
import { createProcessRuntime } from '../runtime/process.ts'
import type { Instance, Observer, WarmStart } from '../runtime/runtime.ts'

/** Runs one backend with this environment. */
export type Runner = (env: Readonly<Record<string, string>>, observer: Observer, warm?: WarmStart) => Instance

/** What {@link Services} run on. */
export interface ServicesOptions {
  guardian: Guardian
  /** Missing if no service needs it. */
  docker?: DockerRuntime | undefined
  /** The image of a service that was given nothing to run, if there is a registry. */
  imageOf?: ((service: string) => string) | undefined
  /** The time, in ms since the epoch. Default: the machine's. */
  now?: (() => number) | undefined
}

/** The services of the account, and what they run. */
export class Services {
  readonly #byName = new Map<string, ServiceOptions | undefined>()
  readonly #createdAt = new Map<string, string>()
  readonly #processes

  constructor(
    services: Readonly<Record<string, ServiceOptions>>,
    private readonly options: ServicesOptions,
  ) {
    this.#processes = createProcessRuntime(options.guardian)
    for (const [name, service] of Object.entries(services)) this.#add(name, service)
  }

  get names(): string[] {
    return [...this.#byName.keys()]
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Whether backends of the service have one token for all users, unless the spawn request says. */
  hasStaticToken(name: string): boolean {
    return this.#byName.get(name)?.staticToken ?? false
  }

  /** Adds a service that has nothing to run yet, as one is that was just created. */
  create(name: string): void {
    if (!this.has(name)) this.#add(name, undefined)
  }

  /** When a service was created, in RFC 3339: at the start of the platform, or by the API. */
  createdAt(name: string): string | undefined {
    return this.#createdAt.get(name)
  }

  #add(name: string, service: ServiceOptions | undefined): void {
    const { now = Date.now } = this.options
    this.#byName.set(name, service)
    this.#createdAt.set(name, new Date(now()).toISOString())
  }

  /** Forgets a service. What runs of it goes on. */
  remove(name: string): void {
    this.#byName.delete(name)
    this.#createdAt.delete(name)
  }

  /**
   * Finds what a service runs for a tag; an image is brought to this machine. Rejects if there is nothing, as
   * a missing image does.
   */
  async load(name: string, tag: string | undefined, signal: AbortSignal): Promise<Runner> {
    const image = this.options.imageOf?.(name)
    const service = this.#byName.get(name) ?? (image === undefined ? undefined : { image })
    if (!service) throw new Error(`The service ${name} has nothing to run: give it a command.`)
    if (tag === undefined) return this.#runner(service, tag, signal)
    const tagged = service.tags && Object.hasOwn(service.tags, tag) ? service.tags[tag] : undefined
    if (tagged) return this.#runner(tagged, undefined, signal)
    if ('image' in service) return this.#runner(service, tag, signal)
    throw new Error(`The service ${name} has no tag ${JSON.stringify(tag)}.`)
  }

  async #runner(options: ProgramOptions, tag: string | undefined, signal: AbortSignal): Promise<Runner> {
    if ('image' in options) return this.#containerRunner(options, tag, signal)
    if ('serve' in options) {
      return (env, observer, warm) =>
        inMemoryRuntime.start({ program: options.serve, env: { ...options.env, ...env }, warm }, observer)
    }
    const program = { command: options.command, cwd: resolve(options.cwd ?? '.') }
    return (env, observer, warm) =>
      this.#processes.start({ program, env: { ...ownEnvironment(), ...options.env, ...env }, warm }, observer)
  }

  async #containerRunner(
    options: ImageOptions,
    tag: string | undefined,
    signal: AbortSignal,
  ): Promise<Runner> {
    const { docker } = this.options
    if (!docker) throw new Error('Docker is not available to run an image.')
    const image = await docker.images.bring(options.image, tag, signal)
    const program = { image, memory: toBytes(options.memory), cpus: options.cpus }
    return (env, observer, warm) => docker.start({ program, env: { ...options.env, ...env }, warm }, observer)
  }
}

/** A backend finds what a program finds that is started by hand, PATH for instance. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

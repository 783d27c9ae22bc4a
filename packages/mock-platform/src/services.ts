import { resolve } from 'node:path'
import type { CommandOptions, ServeOptions, ServiceOptions } from './options.ts'
import type { Guardian } from './runtime/guardian.ts'
import { inMemoryRuntime } from './runtime/in-memory.ts'
import { createProcessRuntime } from './runtime/process.ts'
import type { Instance, Observer } from './runtime/runtime.ts'

/** Runs one backend, with this environment. */
export type Runner = (env: Readonly<Record<string, string>>, observer: Observer) => Instance

/** The services of the account, and what they run. */
export class Services {
  readonly #byName = new Map<string, ServiceOptions | undefined>()
  readonly #processes

  constructor(services: Readonly<Record<string, ServiceOptions>>, guardian: Guardian) {
    this.#processes = createProcessRuntime(guardian)
    for (const [name, service] of Object.entries(services)) this.#byName.set(name, service)
  }

  get names(): string[] {
    return [...this.#byName.keys()]
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Adds a service that has nothing to run yet, as one is that was just created. */
  create(name: string): void {
    if (!this.has(name)) this.#byName.set(name, undefined)
  }

  /** Forgets a service. What runs of it goes on. */
  remove(name: string): void {
    this.#byName.delete(name)
  }

  /** What a service runs for a tag. Throws where there is nothing, as a missing image does. */
  find(name: string, tag: string | undefined): Runner {
    const service = this.#byName.get(name)
    if (!service) throw new Error(`The service ${name} has nothing to run: give it a command.`)
    if (tag === undefined) return this.#runner(service)
    const tagged = service.tags && Object.hasOwn(service.tags, tag) ? service.tags[tag] : undefined
    if (!tagged) throw new Error(`The service ${name} has no tag ${JSON.stringify(tag)}.`)
    return this.#runner(tagged)
  }

  close(): Promise<void> {
    return this.#processes.close()
  }

  #runner(options: CommandOptions | ServeOptions): Runner {
    if ('serve' in options) {
      return (env, observer) =>
        inMemoryRuntime.start({ program: options.serve, env: { ...options.env, ...env } }, observer)
    }
    const program = { command: options.command, cwd: resolve(options.cwd ?? '.') }
    return (env, observer) =>
      this.#processes.start({ program, env: { ...ownEnvironment(), ...options.env, ...env } }, observer)
  }
}

/** A backend finds what a program finds that is started by hand, PATH for instance. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

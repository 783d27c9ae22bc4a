import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRecord } from '@session-backend/core/internal'
import type { Instance, Launch, Observer } from '../runtime.ts'
import type { DockerEngine } from './engine.ts'
import { readOutput } from './output.ts'
import { addressOf, CONTAINER_PORT, type Reach, whenContainerListens } from './readiness.ts'

/** A container to run. */
export interface ContainerProgram {
  /** The full name of an image that is on this machine. */
  image: string
  /** At most so much memory, in bytes. */
  memory?: number | undefined
  /** At most the time of so many processors. */
  cpus?: number | undefined
}

/** What the containers of one platform share. */
export interface ContainerHouse {
  engine: DockerEngine
  reach: Reach
  labels: Readonly<Record<string, string>>
}

/** Where the hosted platform mounts the socket of a warm pool, and the official library looks for it. */
const CONTROL_FOLDER = '/jamsocket-control'
/** How long an engine that does not answer is asked to remove a container, in ms. */
const REMOVE_LIMIT = 30_000

/** One backend in its own container. All processes in it end with the first one: the kernel sees to that. */
export class ContainerInstance implements Instance {
  #id: string | undefined
  /** A signal for a container that does not run yet. */
  #signal: 'SIGTERM' | 'SIGKILL' | undefined

  constructor(
    private readonly launch: Launch<ContainerProgram>,
    private readonly observer: Observer,
    private readonly house: ContainerHouse,
  ) {
    void this.#run()
  }

  terminate(): void {
    this.#send('SIGTERM')
  }

  kill(): void {
    this.#send('SIGKILL')
  }

  #send(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#signal = signal
    if (this.#id === undefined) return
    const path = `/containers/${this.#id}/kill?signal=${signal}`
    // A container that has ended can't be signalled. An engine that can't be reached is noticed elsewhere.
    this.house.engine.call('POST', path, { expected: [404, 409] }).catch(() => {})
  }

  async #run(): Promise<void> {
    try {
      const id = await this.#create()
      try {
        if (!this.#signal) await this.#runContainer(id)
      } finally {
        await this.#remove(id)
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'Docker has failed.'
      // If the container was running, its exit code is unknown: it ends as Lost.
      if (this.#id === undefined) this.observer.failed(reason)
      else this.observer.output(`${reason}\n`, 'platform')
    } finally {
      this.observer.gone()
    }
  }

  async #create(): Promise<string> {
    const { program, env, warm } = this.launch
    const { engine, labels, reach } = this.house
    const container = await engine.call(
      'POST',
      `/containers/create?name=session-backend-${env.SESSION_BACKEND_ID}`,
      {
        json: {
          Image: program.image,
          Env: Object.entries({ ...env, PORT: String(CONTAINER_PORT) }).map((variable) => variable.join('=')),
          Labels: labels,
          ExposedPorts: { [`${CONTAINER_PORT}/tcp`]: {} },
          HostConfig: {
            ...(program.memory !== undefined && { Memory: program.memory, MemorySwap: program.memory }),
            ...(program.cpus !== undefined && { NanoCpus: Math.round(program.cpus * 1e9) }),
            ...(reach === 'published' && {
              PortBindings: { [`${CONTAINER_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
            }),
            // Unlike `Binds`, this doesn't create the folder again if the pool has just been closed.
            ...(warm && {
              Mounts: [{ Type: 'bind', Source: dirname(warm.socket), Target: CONTROL_FOLDER }],
            }),
            // What it writes is read as it comes, and kept by the platform alone.
            LogConfig: { Type: 'none' },
          },
        },
      },
    )
    if (isRecord(container) && typeof container.Id === 'string') return container.Id
    throw new Error('Docker did not say which container it created.')
  }

  /** Resolves when the container has ended. Rejects if it cannot be started. */
  async #runContainer(id: string): Promise<void> {
    const { observer } = this
    const { engine } = this.house
    const output = await engine.stream('POST', `/containers/${id}/attach?stream=1&stdout=1&stderr=1`)
    // If it is cut off, there is no more to read.
    const written = readOutput(output, (text, source) => observer.output(text, source)).catch(() => {})
    const ended = new AbortController()
    try {
      await engine.call('POST', `/containers/${id}/start`)
      this.#id = id
      if (this.#signal) this.#send(this.#signal)
      observer.launched()
      void this.#lookForServer(id, ended.signal)
      const code = await this.#exitOf(id)
      ended.abort()
      observer.exited(code)
      await written
    } finally {
      ended.abort()
      output.destroy()
    }
  }

  async #lookForServer(id: string, signal: AbortSignal): Promise<void> {
    const { engine, reach } = this.house
    try {
      const address = addressOf(await engine.call('GET', `/containers/${id}/json`, { signal }), reach)
      await this.launch.warm?.saysReady
      await whenContainerListens(address, reach, signal)
      if (!signal.aborted) this.observer.listening(address)
    } catch {
      // It has ended, or does not answer: then it is not Ready in time.
    }
  }

  async #exitOf(id: string): Promise<number> {
    const { engine } = this.house
    const end = await engine.call('POST', `/containers/${id}/wait`)
    const code = isRecord(end) ? Number(end.StatusCode) : 1
    if (code !== 0) {
      const container = await engine.call('GET', `/containers/${id}/json`)
      if (isRecord(container) && isRecord(container.State) && container.State.OOMKilled === true) {
        this.observer.output('It was killed: it used more memory than it may.\n', 'platform')
      }
    }
    return code
  }

  /** Resolves when nothing of it is left. An engine that does not answer is asked again. */
  async #remove(id: string): Promise<void> {
    const deadline = performance.now() + REMOVE_LIMIT
    for (let pause = 20; ; pause = Math.min(pause * 2, 1_000)) {
      try {
        // 409: it is being removed.
        return void (await this.house.engine.call('DELETE', `/containers/${id}?force=1&v=1`, {
          expected: [404],
        }))
      } catch (error) {
        if (performance.now() > deadline) throw error
        await delay(pause)
      }
    }
  }
}

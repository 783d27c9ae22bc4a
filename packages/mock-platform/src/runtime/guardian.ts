import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import script from './guardian.sh?raw'

/** A process group that must not outlive the platform. */
export interface WatchedGroup {
  group: number
  /**
   * The backend's `SESSION_BACKEND_ID`, by which its processes outside the group are found. Default: none
   * are.
   */
  id?: string | undefined
}

/** Ends the processes, and removes the folders, of a platform that has ended without doing so itself. */
export class Guardian {
  readonly #groups = new Map<number, WatchedGroup>()
  readonly #folders = new Set<string>()
  #process: ChildProcess | undefined
  #closed = false

  /** @param lock The descriptor of the data folder's lock, which the guardian holds too. Default: no lock. */
  constructor(private readonly lock?: number) {}

  /** Resolves when the guardian knows the group. From then on, the group can't outlive the platform. */
  async watch(watched: WatchedGroup): Promise<void> {
    this.#groups.set(watched.group, watched)
    await this.#tell(line('+', watched))
  }

  /** Must be called once the group is gone, before its number can be used again. */
  forget(group: number): void {
    const watched = this.#groups.get(group)
    if (!watched) return
    this.#groups.delete(group)
    // Synchronously, because nothing can be sent once it is closed.
    this.#process?.stdin?.write(line('-', watched))
  }

  /** Resolves when the guardian knows the folder. It removes the folder when the platform has ended. */
  async discard(folder: string): Promise<void> {
    this.#folders.add(folder)
    await this.#tell(`x ${folder}\n`)
  }

  /** Starts the guardian's process, if it does not run. */
  async start(): Promise<void> {
    if (this.#process) return
    if (this.#closed) throw new Error('The platform has ended.')
    const guardian = spawn('/bin/sh', ['-c', script, 'session-backend-guardian'], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', this.lock ?? 'ignore'],
    })
    this.#process = guardian
    guardian.once('exit', () => {
      this.#process = undefined
      if (this.#groups.size > 0) void this.start().catch(() => {})
    })
    const { stdin, stdout } = guardian
    if (!stdin || !stdout) throw new Error('The guardian process has no pipes.')
    stdin.on('error', () => {})
    for (const watched of this.#groups.values()) stdin.write(line('+', watched))
    for (const folder of this.#folders) stdin.write(`x ${folder}\n`)
    await Promise.race([once(stdout, 'data'), once(guardian, 'exit')])
    stdout.destroy()
  }

  /** Ends the guardian's process, with everything that it knows and was not told to forget. */
  async close(): Promise<void> {
    this.#closed = true
    const guardian = this.#process
    if (!guardian) return
    const exited = once(guardian, 'exit')
    guardian.stdin?.end()
    await exited
  }

  async #tell(text: string): Promise<void> {
    await this.start()
    const input = this.#process?.stdin
    if (!input) throw new Error('The guardian process cannot be started.')
    await new Promise<void>((resolve, reject) => {
      input.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }
}

function line(sign: '+' | '-', { group, id = '-' }: WatchedGroup): string {
  return `${sign} ${group} ${id}\n`
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import script from './caretaker.js?raw'

/** Sees to it that no container outlives the platform that started it, however that ends. */
export class Caretaker {
  #process: ChildProcess | undefined
  #closed = false

  /** @param label The label that all containers of this platform have, and no others. */
  constructor(
    private readonly socketPath: string,
    private readonly label: string,
  ) {}

  /** Removes what an earlier platform with this label left behind, then watches over this one. */
  async start(): Promise<void> {
    const caretaker = this.#spawn('sweep')
    const { stdout } = caretaker
    if (!stdout) throw new Error('The caretaker process cannot be started.')
    await Promise.race([once(stdout, 'data'), once(caretaker, 'exit')])
  }

  /** Ends the program. Called when no container is left. */
  async close(): Promise<void> {
    this.#closed = true
    const caretaker = this.#process
    if (!caretaker) return
    const exited = once(caretaker, 'exit')
    caretaker.kill('SIGKILL')
    await exited
  }

  #spawn(first: 'sweep' | 'watch'): ChildProcess {
    const args = ['--input-type=module', '--eval', script, '--', this.socketPath, this.label, first]
    const caretaker = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#process = caretaker
    caretaker.stdin.on('error', () => {})
    caretaker.once('exit', () => {
      this.#process = undefined
      if (!this.#closed) this.#spawn('watch')
    })
    return caretaker
  }
}

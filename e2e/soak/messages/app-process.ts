import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The app's server, which can be killed and started again at the same address. */
export class AppProcess {
  #child: ChildProcess | undefined
  #port = 0

  constructor(
    private readonly program: string,
    private readonly env: Record<string, string>,
  ) {}

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}/api/sessions`
  }

  async start(): Promise<void> {
    const env = { ...process.env, ...this.env, PORT: String(this.#port) }
    const child = spawn(process.execPath, [this.program], { stdio: ['ignore', 'pipe', 'ignore'], env })
    this.#child = child
    for await (const line of createInterface(child.stdout)) {
      const port = /^listening on (\d+)$/.exec(line)?.[1]
      if (port === undefined) continue
      this.#port = Number(port)
      return
    }
    throw new Error('The app has ended before it listened.')
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

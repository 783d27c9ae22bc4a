import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dashboardOf } from '../dashboard.ts'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'packages/mock-platform/bin/mock-platform.js')

export const ACCOUNT = 'soak'
export const TOKEN = 'soak-token'

/** The mock platform as its own process, which can be killed and started again at the same address. */
export class PlatformProcess {
  #child: ChildProcess | undefined
  #port = 0

  constructor(
    private readonly dataDir: string,
    private readonly service: string,
    private readonly backend: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const flags = ['--port', String(this.#port), '--account', ACCOUNT, '--token', TOKEN]
    const service = `${this.service}='${process.execPath}' '${this.backend}'`
    const more = ['--service', service, '--data-dir', this.dataDir, '--log-level', 'error']
    const child = spawn(process.execPath, [PROGRAM, ...flags, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    for await (const line of createInterface(child.stdout)) {
      const port = /^mock-platform listens on .*:(\d+)$/.exec(line)?.[1]
      if (port === undefined) continue
      this.#port = Number(port)
      return
    }
    throw new Error('The platform has ended before it listened.')
  }

  /** Ends it, gracefully or not, and resolves to its exit code; null where a signal killed it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child
    this.#child = undefined
    if (!child) return 0
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = await exited
    return code
  }

  /** Asks for a change as the dashboard does. Resolves to whether it was made. */
  async change(path: string, body: object = {}): Promise<boolean> {
    const response = await this.#ask(path, { method: 'POST', body: JSON.stringify(body) })
    await response?.body?.cancel()
    return response?.ok ?? false
  }

  /** The names of the backends that run. */
  async backends(): Promise<string[]> {
    const response = await this.#ask('state')
    const state = await response?.json()
    return (state?.backends ?? []).flatMap(({ name, live }: { name: string; live: boolean }) =>
      live ? [name] : [],
    )
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response | undefined> {
    try {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
      return await fetch(`${await dashboardOf(this.url)}/dashboard/${path}`, { ...init, headers })
    } catch {
      return undefined
    }
  }
}

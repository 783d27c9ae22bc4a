import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Guardian } from './guardian.ts'
import { whenListening } from './listening.ts'
import { type ReservedPort, reservePort } from './port.ts'
import { isGroupAlive, signalGroup } from './process-group.ts'
import type { Instance, Launch, Observer, Runtime } from './runtime.ts'

/** A program to run. */
export interface Command {
  command: readonly [string, ...string[]]
  /** Where to run it. */
  cwd: string
}

/** Nothing of the program happens before the guardian knows of its group: the shell then becomes the program. */
const GATE = 'read -r _ || exit 125; exec "$@" </dev/null'

/** A shell's exit codes for a program that cannot be run, and for one that is not there. */
const NOT_RUN = [126, 127]

/** How long the end of the output is waited for, which a process outside the group may hold back, in ms. */
const LAST_OUTPUT = 100

/** Runs each backend as a process group of its own. */
export function createProcessRuntime(guardian: Guardian): Runtime<Command> {
  return {
    start: (launch, observer) => new ProcessInstance(launch, observer, guardian),
  }
}

class ProcessInstance implements Instance {
  #group: number | undefined
  /** What is to be sent to a group that does not exist yet. */
  #signal: NodeJS.Signals | undefined

  constructor(
    private readonly launch: Launch<Command>,
    private readonly observer: Observer,
    private readonly guardian: Guardian,
  ) {
    void this.#run()
  }

  terminate(): void {
    this.#send('SIGTERM')
  }

  kill(): void {
    this.#send('SIGKILL')
  }

  #send(signal: NodeJS.Signals): void {
    this.#signal = signal
    if (this.#group !== undefined) signalGroup(this.#group, signal)
  }

  async #run(): Promise<void> {
    let port: ReservedPort | undefined
    try {
      port = await reservePort()
      if (!this.#signal) await this.#runGroup(port.port)
    } catch (error) {
      this.observer.failed(error instanceof Error ? error.message : 'It cannot be started.')
    } finally {
      port?.release()
      this.observer.gone()
    }
  }

  /** Resolves when all of the group is dead. Rejects where it cannot be started. */
  async #runGroup(port: number): Promise<void> {
    const { observer, guardian } = this
    const { program, env } = this.launch
    // Node would say that the shell is missing.
    if (!existsSync(program.cwd)) throw new Error(`There is no folder ${program.cwd} to run it in.`)
    const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...program.command], {
      cwd: program.cwd,
      env: { ...env, PORT: String(port) },
      detached: true,
      stdio: 'pipe',
    })
    const exited = exitOf(child)
    const group = child.pid
    if (group === undefined) return void (await exited)
    this.#group = group
    const closed = this.#readOutput(child)
    // Where the group dies at the gate, this is what fails; its exit is what counts.
    child.stdin.on('error', () => {})
    const ended = new AbortController()
    let listening = false
    try {
      await guardian.watch(group)
      child.stdin.end('\n')
      observer.launched()
      whenListening(port, group, ended.signal).then(
        (address) => {
          listening = true
          if (!ended.signal.aborted) observer.listening(address)
        },
        () => {},
      )
      const code = await exited
      ended.abort()
      if (!listening && code !== null && NOT_RUN.includes(code)) {
        observer.failed(`${program.command[0]} cannot be run.`)
      } else observer.exited(code)
    } catch (error) {
      signalGroup(group, 'SIGKILL')
      throw error
    } finally {
      ended.abort()
      await exited.catch(() => {})
      await whenDead(group)
      this.#group = undefined
      guardian.forget(group)
      const timer = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, LAST_OUTPUT)
      await closed
      clearTimeout(timer)
    }
  }

  #readOutput(child: ChildProcess): Promise<void> {
    for (const source of ['stdout', 'stderr'] as const) {
      child[source]?.setEncoding('utf8').on('data', (text: string) => this.observer.output(text, source))
    }
    return new Promise((resolve) => child.once('close', () => resolve()))
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code))
  })
}

/** Resolves when no process of the group runs. */
async function whenDead(group: number): Promise<void> {
  for (let pause = 2; isGroupAlive(group); pause = Math.min(pause * 1.5, 50)) await delay(pause)
}

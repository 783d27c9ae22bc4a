import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Guardian } from './guardian.ts'
import { whenTreeListens } from './listening.ts'
import { type ReservedPort, reservePort } from './port.ts'
import { ProcessTree } from './process-tree.ts'
import { type Instance, type Launch, type Observer, type Runtime, socketVariable } from './runtime.ts'

/** A program to run. */
export interface Command {
  command: readonly [string, ...string[]]
  /** Where to run it. */
  cwd: string
}

/**
 * Nothing of the program happens before the guardian knows of its group: the shell then becomes the program.
 */
const GATE = 'read -r _ || exit 125; exec "$@" </dev/null'
/**
 * The same for a warm backend, which has no lock and no name by which the next platform would end it: the kernel ends it with
 * the platform, also if the guardian is killed too. Linux only, with util-linux.
 */
const WARM_GATE = `read -r _ || exit 125; setpriv --pdeathsig KILL true 2>/dev/null && exec setpriv --pdeathsig KILL -- "$@" </dev/null; exec "$@" </dev/null`

/** A shell's exit codes for a program that cannot be run, and for one that is not there. */
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const NOT_RUN = [NOT_EXECUTABLE, NOT_FOUND]

/**
 * How long after it is Ready the processes of a backend are looked for, in ms. To look takes 20 ms on a busy
 * machine, for which its first page does not have to wait.
 */
const LOOK_AFTER = 1_000
/** How long the end of the output is waited for, which a process outside the group may hold back, in ms. */
const LAST_OUTPUT = 100
/** How much of the output is dealt with at a time, in characters: all of them may be empty lines. */
const MAX_PIECE = 16_384

/** Runs each backend as its own process group. */
export function createProcessRuntime(guardian: Guardian): Runtime<Command> {
  return {
    start: (launch, observer) => new ProcessInstance(launch, observer, guardian),
  }
}

class ProcessInstance implements Instance {
  #tree: ProcessTree | undefined
  /** What is to be sent to a group that does not exist yet. */
  #signal: 'SIGTERM' | 'SIGKILL' | undefined

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

  #send(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#signal = signal
    void this.#tree?.signal(signal)
  }

  async #run(): Promise<void> {
    let port: ReservedPort | undefined
    try {
      port = await reservePort()
      if (!this.#signal) await this.#runTree(port.port)
    } catch (error) {
      this.observer.failed(error instanceof Error ? error.message : 'The program cannot be started.')
    } finally {
      port?.release()
      this.observer.gone()
    }
  }

  /** Resolves when all of its processes are dead. Rejects if it cannot be started. */
  async #runTree(port: number): Promise<void> {
    const { observer, guardian } = this
    const { program, env, warm } = this.launch
    // Node would say that the shell is missing.
    if (!existsSync(program.cwd))
      throw new Error(`The folder ${program.cwd} does not exist. Check the \`cwd\` of the service.`)
    const command = [...beyondShells(env), ...withPort(program.command, port)]
    const child = spawn('/bin/sh', ['-c', warm ? WARM_GATE : GATE, 'sh', ...command], {
      cwd: program.cwd,
      env: { ...env, ...socketVariable(warm), PORT: String(port) },
      detached: true,
      stdio: 'pipe',
    })
    const exited = exitOf(child)
    const group = child.pid
    if (group === undefined) return void (await exited)
    const id = env.SESSION_BACKEND_ID ?? ''
    const tree = new ProcessTree(id, group)
    this.#tree = tree
    const closed = this.#readOutput(child)
    // If the group dies before it starts the program, this write fails. The exit of the group is what counts.
    child.stdin.on('error', () => {})
    const ended = new AbortController()
    let listening = false
    try {
      await guardian.watch({ group, id })
      child.stdin.end('\n')
      observer.launched()
      const whenReady = async () => {
        await warm?.saysReady
        const address = await whenTreeListens(port, tree, ended.signal)
        listening = true
        if (ended.signal.aborted) return
        observer.listening(address)
        // What a leader has started is known before it crashes.
        await delay(LOOK_AFTER, undefined, { signal: ended.signal })
        await tree.look()
      }
      // It has ended.
      whenReady().catch(() => {})
      const code = await exited
      ended.abort()
      if (!listening && code !== null && NOT_RUN.includes(code)) {
        observer.failed(whyNotRun(program.command[0], code))
      } else observer.exited(code, child.signalCode)
    } catch (error) {
      void tree.signal('SIGKILL')
      throw error
    } finally {
      ended.abort()
      await exited.catch(() => {})
      await tree.whenGone()
      this.#tree = undefined
      guardian.forget(group)
      const timer = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, LAST_OUTPUT)
      await closed
      clearTimeout(timer)
    }
  }

  /** Resolves when both outputs have ended and were read. */
  async #readOutput(child: ChildProcess): Promise<void> {
    const read = async (source: 'stdout' | 'stderr') => {
      for await (const text of piecesOf(child[source])) this.observer.output(text, source)
    }
    await Promise.all([read('stdout'), read('stderr')])
  }
}

/**
 * Reads an output in pieces, one in each turn of the event loop. A stream would read up to 2 MB in one turn.
 */
async function* piecesOf(output: Readable | null): AsyncGenerator<string, void, void> {
  try {
    for await (const text of output?.setEncoding('utf8') ?? []) {
      for (let start = 0; start < text.length; start += MAX_PIECE) {
        yield text.slice(start, start + MAX_PIECE)
        await nextTurn()
      }
    }
  } catch {
    // A process outside the group kept the output open, so it was abandoned.
  }
}

/**
 * What sets the variables that a shell drops from its environment, as dash does if a name has a dot or a
 * hyphen.
 */
function beyondShells(env: Readonly<Record<string, string>>): string[] {
  const variables = Object.entries(env).filter(([name]) => name !== '' && !/^[A-Za-z_]\w*$/.test(name))
  return variables.length === 0 ? [] : ['/usr/bin/env', '--', ...variables.map((pair) => pair.join('='))]
}

/** Programs that take their port by a flag: each `$PORT` and `${PORT}` is replaced. */
function withPort(command: readonly string[], port: number): string[] {
  return command.map((word) => word.replace(/\$(?:PORT\b|\{PORT\})/g, String(port)))
}

function whyNotRun(program: string, code: number): string {
  return code === NOT_FOUND
    ? `The program ${program} was not found. Check the command of the service, and the PATH.`
    : `The program ${program} cannot be run. Check that it is executable, and made for this machine.`
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code))
  })
}

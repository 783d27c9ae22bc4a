import { setTimeout as delay } from 'node:timers/promises'
import { nextProcesses, type Processes, type RunningProcess } from './processes.ts'

/** The first and the longest pause between two looks, in ms. */
const FIRST_PAUSE = 2
const LONGEST_PAUSE = 50

/** What is known about a process of a tree. */
type TreeProcess = Pick<RunningProcess, 'pid' | 'group'>

/**
 * All processes of one backend. On Linux they are found in any group and session: by the `SESSION_BACKEND_ID`
 * in their environment, as a child of one of them, and in a group or session that one of them began. On other
 * systems they are the leader's group.
 *
 * A process escapes only if it clears its environment, leaves its session and loses its parent, all between
 * two looks.
 */
export class ProcessTree {
  /** The processes seen so far: when each was started, by its pid. */
  readonly #seen = new Map<number, number>()
  /** The processes outside the group that were asked to end. */
  readonly #asked = new Set<number>()
  #killed = false
  #gone = false

  /**
   * @param backendId The `SESSION_BACKEND_ID` in its environment.
   * @param leader The pid of the first process, which leads a group and a session. Default: it is no longer
   * known.
   */
  constructor(
    private readonly backendId: string,
    readonly leader?: number,
  ) {}

  /** All that run. */
  async look(): Promise<TreeProcess[]> {
    if (process.platform === 'linux') return this.select(await nextProcesses())
    const { leader } = this
    return leader !== undefined && isGroupAlive(leader) ? [{ pid: -leader, group: leader }] : []
  }

  /** The processes that belong to the backend. */
  select(processes: Processes): RunningProcess[] {
    for (const [pid, started] of this.#seen) {
      // Another process has its number now.
      if ((processes.get(pid)?.started ?? started) !== started) this.#seen.delete(pid)
    }
    const belongs = (id: number) => id === this.leader || this.#seen.has(id)
    const found = new Map<number, RunningProcess>()
    for (let before = -1; found.size > before; ) {
      before = found.size
      for (const each of processes.values()) {
        const { pid, parent, group, session, started, backendId } = each
        if (found.has(pid)) continue
        if (backendId !== this.backendId && ![pid, parent, group, session].some(belongs)) continue
        found.set(pid, each)
        this.#seen.set(pid, started)
      }
    }
    return [...found.values()]
  }

  /** Signals the leader's group. While the leader runs, it must end processes outside the group itself. */
  async signal(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL') this.#killed = true
    // Seen while their parents live, processes that hide their environment are known afterwards.
    await this.look()
    if (!this.#gone && this.leader !== undefined) send(-this.leader, signal)
  }

  /**
   * Resolves when none of them runs. To be called once the leader has ended: what it left behind is ended
   * too. Rejects when the signal aborts.
   */
  async whenGone(signal?: AbortSignal): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
      const left = await this.look()
      if (left.length === 0) break
      for (const each of left) this.#end(each)
      await delay(pause, undefined, { signal })
    }
    this.#gone = true
  }

  #end({ pid, group }: TreeProcess): void {
    if (this.#killed) send(pid, 'SIGKILL')
    else if (group !== this.leader && !this.#asked.has(pid)) {
      this.#asked.add(pid)
      send(pid, 'SIGTERM')
    }
  }
}

/**
 * Kills what still runs of these backends: their platform was killed, and its guardian as well. Linux only.
 * Rejects when the signal aborts.
 */
export async function killLeftovers(backendIds: readonly string[], signal: AbortSignal): Promise<void> {
  if (process.platform !== 'linux') return
  await Promise.all(
    backendIds.map(async (id) => {
      const tree = new ProcessTree(id)
      await tree.signal('SIGKILL')
      await tree.whenGone(signal)
    }),
  )
}

/** Sends a signal to a process, or with a negative number to a group; does nothing if it has ended. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error
  }
}

/** Whether a process of the group still runs. */
export function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch (error) {
    // EPERM: on macOS all that is left are zombies; elsewhere a process of another user may live.
    return codeOf(error) === 'EPERM' && process.platform !== 'darwin'
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

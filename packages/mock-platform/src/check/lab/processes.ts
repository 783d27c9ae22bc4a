import { readFile } from 'node:fs/promises'
import { holds, listeners } from '../../runtime/proc-net.ts'
import { ProcessTree } from '../../runtime/process-tree.ts'

/** The processes of a backend: the one that was started, and all that it started. Linux only. */
export class Processes {
  readonly #tree: ProcessTree

  /**
   * @param backendId The backend's name.
   * @param leader The pid of the process that was started.
   */
  constructor(backendId: string, leader: number) {
    this.#tree = new ProcessTree(backendId, leader)
  }

  /** How much memory they use together, in bytes. Pages that they share are counted for each. */
  async memory(): Promise<number> {
    const sizes = (await this.#tree.look()).map(({ pid }) => residentOf(pid))
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }

  /** Where they listen. */
  async listening(): Promise<{ host: string; port: number }[]> {
    const processes = await this.#tree.look()
    return [...listeners()].filter(({ socket }) => processes.some(({ pid }) => holds(pid, [socket])))
  }
}

/** A process may end at any time. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}

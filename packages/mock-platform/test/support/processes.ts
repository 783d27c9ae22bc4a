import { readdirSync, readFileSync } from 'node:fs'
import { vi } from 'vitest'

/** Whether a process runs; one that is dead but was not yet reaped does not. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z'
  } catch {
    return false
  }
}

/** The processes whose environment holds this variable. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable)
      } catch {
        return false
      }
    })
    .map(Number)
    .filter(runs)
}

/** Waits until a process has ended. */
export function ended(pid: number): Promise<void> {
  return vi.waitFor(
    () => {
      if (runs(pid)) throw new Error(`Process ${pid} still runs.`)
    },
    { timeout: 5_000, interval: 5 },
  )
}

/** The processes that run this program, and that this process, or another parent, has started itself. */
export function childrenThatRun(program: string, ofProcess = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
        const [command = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return Number(parent) === ofProcess && command.endsWith(program)
      } catch {
        return false
      }
    })
    .map(Number)
    .filter(runs)
}

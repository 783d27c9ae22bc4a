import { readdirSync, readFileSync } from 'node:fs'

/** Sends a signal to every process of a group; does nothing where there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error
  }
}

/** Whether a process of the group still runs. One that is dead but was not yet reaped does not. */
export function isGroupAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch (error) {
    // EPERM: on macOS all that is left are zombies; elsewhere a process of another user may live.
    if (codeOf(error) === 'ESRCH' || process.platform === 'darwin') return false
  }
  return process.platform !== 'linux' || processesOf(group).length > 0
}

/** The ids of the group's processes that run. Linux only. */
export function processesOf(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isMember(name, group))
    .map(Number)
}

function isMember(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name, which may hold anything: state, parent, group.
    const [state, , member] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(member) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

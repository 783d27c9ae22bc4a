import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** One process that runs. */
export interface RunningProcess {
  pid: number
  parent: number
  group: number
  session: number
  /** When it was started, in the kernel's ticks: tells it from an earlier process with the same pid. */
  started: number
  /** Where its environment lies in memory: somewhere else after each exec. */
  environment: string
  /** The `SESSION_BACKEND_ID` in its environment. */
  backendId: string | undefined
}

/** The processes that run at one moment, by their pid. */
export type Processes = ReadonlyMap<number, RunningProcess>

/**
 * Reading /proc pauses for this many times as long as it took, so that many who wait cost little, but no
 * longer, in ms.
 */
const REST = 4
const LONGEST_REST = 20

let upcoming: Promise<Processes> | undefined
let restsUntil = 0

/**
 * The processes of this machine, read after this call. Calls that wait at the same time share one reading.
 * Linux only.
 */
export function nextProcesses(): Promise<Processes> {
  upcoming ??= (async () => {
    await delay(Math.max(restsUntil - performance.now(), 0))
    upcoming = undefined
    const begin = performance.now()
    const processes = readProcesses()
    const end = performance.now()
    restsUntil = end + Math.min(REST * (end - begin), LONGEST_REST)
    return processes
  })()
  return upcoming
}

/** What was read last: the environment of a process is read once. */
let known: Processes = new Map()

/**
 * Reads the processes of this machine that run. One that is dead but was not yet reaped does not. Linux only.
 */
export function readProcesses(): Processes {
  const processes = new Map<number, RunningProcess>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const process = Number.isInteger(pid) ? readProcess(pid) : undefined
    if (process) processes.set(pid, process)
  }
  known = processes
  return processes
}

function readProcess(pid: number): RunningProcess | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name may hold anything, spaces and parentheses included: the fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (state === 'Z' || state === 'X') return undefined
  const started = Number(fields[19])
  const environment = `${fields[47]}-${fields[48]}`
  const before = known.get(pid)
  // A program may write over its environment, as Chromium's processes do to name themselves: what was seen
  // first counts.
  const isKnown =
    before?.started === started && (before.environment === environment || before.backendId !== undefined)
  const backendId = isKnown ? before.backendId : readBackendId(pid)
  return {
    ...{ pid, started, environment, backendId },
    ...{ parent: Number(fields[1]), group: Number(fields[2]), session: Number(fields[3]) },
  }
}

const BACKEND_ID = 'SESSION_BACKEND_ID='

function readBackendId(pid: number): string | undefined {
  const environment = readText(`/proc/${pid}/environ`) ?? ''
  if (!environment.includes(BACKEND_ID)) return undefined
  return environment
    .split('\0')
    .find((variable) => variable.startsWith(BACKEND_ID))
    ?.slice(BACKEND_ID.length)
}

/** A process may end at any time, and those of another user show little. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

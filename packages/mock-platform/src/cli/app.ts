import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Log } from '../backends/log.ts'
import { Guardian } from '../runtime/guardian.ts'
import { isGroupAlive, send } from '../runtime/process-tree.ts'

/**
 * Nothing of the command happens before the guardian knows of its process group. The gate is descriptor 3: stdin is
 * the command's own.
 */
const GATE = 'read -r _ <&3 || exit 125; exec "$@" 3<&-'
/** How long what the command leaves behind may take to end after SIGTERM, in ms. */
const END_LIMIT = 10_000
/** The pause between two looks at what is left, in ms. */
const PAUSE = 20
/** How long the end of the output is waited for, in ms. A process outside the group may hold it open. */
const LAST_OUTPUT = 100

/** The app that the platform was started for. */
export interface App {
  /** Resolves to its exit code, as a shell counts it, when nothing of its process group runs any more. */
  ended: Promise<number>
  /** Sends a signal to its process group. */
  signal(signal: NodeJS.Signals): void
}

/**
 * Runs a command in its own process group, which doesn't outlive the platform, however that ends.
 *
 * @param env Added to the platform's own environment.
 * @param onLine Called for each line that the command prints.
 */
export async function startApp(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<App> {
  const guardian = new Guardian()
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', ...command], {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['inherit', 'pipe', 'pipe', 'pipe'],
  })
  const exited = exitOf(child)
  const group = child.pid
  // The error that follows says why.
  if (group === undefined) return { ended: exited, signal: () => {} }
  const read = readLines(child, onLine)
  await guardian.watch({ group })
  openGate(child)
  const end = async () => {
    const code = await exited
    await endGroup(group)
    guardian.forget(group)
    await guardian.close()
    await Promise.race([read, delay(LAST_OUTPUT)])
    child.stdout?.destroy()
    child.stderr?.destroy()
    return code
  }
  return { ended: end(), signal: (signal) => send(-group, signal) }
}

function openGate({ stdio: [, , , gate] }: ChildProcess): void {
  // If the command was killed at the gate, this is what fails; its exit is what counts.
  if (gate && 'write' in gate) gate.on('error', () => {}).end('\n')
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

/** Resolves when both outputs have ended and were read. */
async function readLines(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const log = new Log()
  log.lines.read(onLine)
  const outputs = [child.stdout, child.stderr].map(async (output, i) => {
    for await (const text of output?.setEncoding('utf8') ?? []) log.write(text, i === 0 ? 'stdout' : 'stderr')
  })
  await Promise.allSettled(outputs)
  log.end()
}

/** Ends what a process has left behind in its group. */
async function endGroup(group: number): Promise<void> {
  const deadline = performance.now() + END_LIMIT
  send(-group, 'SIGTERM')
  while (isGroupAlive(group)) {
    if (performance.now() > deadline) send(-group, 'SIGKILL')
    await delay(PAUSE)
  }
}

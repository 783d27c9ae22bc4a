import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { SessionBackendError } from '@session-backend/core'

/**
 * A process of its own, which outlives a platform that is killed, and ends what that left behind.
 *
 * It reads which process groups there are, and which folders go with them; the end of its input is the end of the
 * platform. It holds the mark open, a named pipe, as long as it has something to do, so that the next platform can
 * wait for that. Where nobody reaps the dead, as the first process of a container may not, groups seem to live on: so
 * it waits for all of them together no longer than for one.
 */
const SCRIPT = `
[ -z "$1" ] || exec 4<>"$1"
shift
echo ready
groups=
while read -r sign group; do
  case $sign in
    +) groups="$groups $group" ;;
    -) kept=
       for each in $groups; do [ "$each" = "$group" ] || kept="$kept $each"; done
       groups=$kept ;;
    x) set -- "$@" "$group" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
tries=0
for group in $groups; do
  while kill -s 0 -- "-$group" && [ $tries -lt 100 ]; do
    sleep 0.01
    tries=$((tries + 1))
  done
done
[ $# -eq 0 ] || rm -rf -- "$@"
`

/** Ends the process groups, and removes the folders, of a platform that has ended without doing so itself. */
export class Guardian {
  readonly #groups = new Set<number>()
  readonly #folders = new Set<string>()
  #process: ChildProcess | undefined
  #closed = false

  /** @param mark Where the named pipe is. Default: there is none. */
  constructor(private readonly mark = '') {}

  /** Resolves when the guardian has been told of the group: from then on, the group cannot outlive us. */
  async watch(group: number): Promise<void> {
    this.#groups.add(group)
    await this.#tell(`+ ${group}\n`)
  }

  /** Must be called once the group is gone, before its number can be used again. */
  forget(group: number): void {
    // At once: nothing may be left to say when it is closed. One that does not run learns only what it is to know.
    if (this.#groups.delete(group)) this.#process?.stdin?.write(`- ${group}\n`)
  }

  /** Resolves when the guardian has been told of a folder: it is removed when the platform has ended. */
  async discard(folder: string): Promise<void> {
    this.#folders.add(folder)
    await this.#tell(`x ${folder}\n`)
  }

  /** Starts the guardian's process, if it does not run. */
  async start(): Promise<void> {
    if (this.#process) return
    if (this.#closed) throw new Error('The platform has ended.')
    const guardian = spawn('/bin/sh', ['-c', SCRIPT, 'session-backend-guardian', this.mark], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#process = guardian
    guardian.stdin.on('error', () => {})
    guardian.once('exit', () => {
      this.#process = undefined
      if (this.#groups.size > 0) void this.start().catch(() => {})
    })
    for (const group of this.#groups) guardian.stdin.write(`+ ${group}\n`)
    for (const folder of this.#folders) guardian.stdin.write(`x ${folder}\n`)
    await Promise.race([once(guardian.stdout, 'data'), once(guardian, 'exit')])
    guardian.stdout.destroy()
  }

  /** Ends the guardian's process. */
  async close(): Promise<void> {
    this.#closed = true
    const guardian = this.#process
    if (guardian) {
      const exited = once(guardian, 'exit')
      guardian.stdin?.end()
      await exited
    }
    if (this.mark) await rm(this.mark, { force: true })
  }

  async #tell(line: string): Promise<void> {
    await this.start()
    const input = this.#process?.stdin
    if (!input) throw new Error('The guardian process cannot be started.')
    await new Promise<void>((resolve, reject) => {
      input.write(line, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** How long the guardian of a platform that was killed may take, in ms. */
const PATIENCE = 5_000

/**
 * Waits until what an earlier platform left behind has ended, then takes its place.
 * @throws SessionBackendError `invalid_option` where that platform still runs.
 */
export async function takeOver(mark: string): Promise<Guardian> {
  const deadline = performance.now() + PATIENCE
  while (await isHeld(mark)) {
    if (performance.now() > deadline) {
      throw new SessionBackendError(
        'invalid_option',
        'Another platform uses this dataDir: give each its own.',
      )
    }
    await delay(10)
  }
  await rm(mark, { force: true })
  await promisify(execFile)('mkfifo', ['-m', '600', mark])
  const guardian = new Guardian(mark)
  await guardian.start()
  return guardian
}

/** A named pipe can be opened for writing, without waiting, only while somebody reads from it. */
async function isHeld(mark: string): Promise<boolean> {
  try {
    const file = await open(mark, constants.O_WRONLY | constants.O_NONBLOCK)
    await file.close()
    return true
  } catch {
    return false
  }
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { Services } from '../../src/services/services.ts'
import { type DataDir, openDataDir } from '../../src/state/data-dir.ts'
import { LONG } from '../support/long.ts'
import { processesWith, runs } from '../support/processes.ts'
import { lockCommands, runCommands } from './commands.ts'
import { type House, type Machine, World } from './world.ts'

/**
 * A backend of two processes, told by the kernel whether another one for its lock still lives: all that it
 * starts inherits a file that it has locked. One in four listens, and so
 * becomes Ready.
 */
const SCRIPT = `
held="$MARKS/$SESSION_BACKEND_KEY"
exec 9>>"$held.held"
flock --nonblock 9 || echo "Two run at once for $SESSION_BACKEND_KEY." >>"$MARKS/violations"
echo "$SESSION_BACKEND_FENCING_TOKEN" >>"$held.tokens"
if [ -n "$IGNORE_TERM" ]; then trap '' TERM; else trap 'exit 0' TERM; fi
trap 'exit 0' USR1
echo $$ >"$MARKS/$SESSION_BACKEND_ID.pid"
if [ "$SESSION_BACKEND_KEY" = unused ] || [ $((SESSION_BACKEND_FENCING_TOKEN % 4)) = 0 ]; then
  ${process.execPath} -e 'require("net").createServer().listen(process.env.PORT)' &
else
  sleep 1000 &
fi
wait
`

/** Runs backends as processes, below a real guardian and with a real state file. */
class Processes implements Machine {
  readonly #marks: string
  readonly #dataDirs = new Map<House, DataDir>()
  #lastSave: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#marks = mkdtempSync(join(folder, 'marks-'))
  }

  async open(): Promise<House> {
    const dataDir = await openDataDir(join(this.#marks, 'data'))
    const { guardian, previous, keep } = dataDir
    const env = { MARKS: this.#marks }
    const services = new Services({ doc: { command: ['/bin/sh', '-c', SCRIPT], env } }, { guardian })
    const house: House = {
      services,
      previous,
      keep: (current) => {
        const save = keep(current)
        return () => {
          if (!this.#dataDirs.has(house)) return new Promise(() => {})
          const saved = save()
          this.#lastSave = saved
          return saved
        }
      },
    }
    this.#dataDirs.set(house, dataDir)
    return house
  }

  /** To the guardian, the end of the platform is the end of its input. */
  async kill(house: House): Promise<void> {
    const dataDir = this.#dataDirs.get(house)
    this.#dataDirs.delete(house)
    await dataDir?.close()
    // A platform that is dead does not write any more; this one cannot be stopped in the middle of a write.
    await this.#lastSave
  }

  exit({ name }: Backend): void {
    const file = join(this.#marks, `${name}.pid`)
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    if (pid > 0 && runs(pid)) process.kill(pid, 'SIGUSR1')
  }

  async wait(amount: number): Promise<void> {
    await delay(amount)
  }

  running(): number {
    return processesWith(`MARKS=${this.#marks}`).length
  }

  get violations(): string[] {
    return readdirSync(this.#marks).flatMap((file) => {
      if (file === 'violations') return [readFileSync(join(this.#marks, file), 'utf8')]
      if (!file.endsWith('.tokens')) return []
      const tokens = readFileSync(join(this.#marks, file), 'utf8').match(/\d+/g)?.map(Number) ?? []
      return tokens.some((token, i) => token <= (tokens[i - 1] ?? 0)) ? [`${file}: ${tokens}`] : []
    })
  }
}

/** Of each part. */
const RUNS = LONG ? 40 : 10

// They mostly wait for processes to begin and to end, which several can do at once.
describe.concurrent(`${5 * RUNS} interleavings on backends that are processes`, () => {
  it.each([1, 2, 3, 4, 5])(
    'break nothing that has to hold of locks (part %i of 5)',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'mock-platform-'))
      try {
        await fc.assert(
          fc.asyncProperty(lockCommands(['a', 'b'], 10), (commands) =>
            runCommands(() => World.open(new Processes(folder)), commands),
          ),
          { numRuns: RUNS },
        )
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    600_000,
  )
})

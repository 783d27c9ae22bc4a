import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseConnectAnswer } from '@session-backend/core/internal'
import { createClock } from '../../clock.ts'
import type { StatusReport } from '../../options/options.ts'
import { createMockPlatform, type MockPlatform } from '../../platform.ts'
import { send } from '../../runtime/process-tree.ts'
import { BackendInLab } from './backend-in-lab.ts'
import { within } from './deadline.ts'
import { Finding } from './finding.ts'
import { howItEnded, Life } from './life.ts'
import { Processes } from './processes.ts'
import { type Subject, variablesOf } from './subject.ts'

/** Options of {@link LabPlatform.open}. */
export interface LabPlatformOptions {
  subject: Subject
  /** An empty folder, in which it takes its notes. */
  folder: string
  /** The time at which its clock, and its fencing tokens, start, in ms since the epoch. */
  start: number
  signal: AbortSignal
  /** How many backends wait for a document. Default 0. */
  warm?: number
}

const SERVICE = 'backend'
/** How the log of a backend begins that was not taken from a pool. */
const COLD = 'This backend was started cold'
/** How long a backend may be without a connection, in seconds: longer than any check. */
const IDLE_LIMIT = 3_600
/** How much longer than it may take a start is waited for, in ms: this machine may be busy. */
const SLACK = 20_000
/** How often to look where a backend listens that isn't Ready, in ms. */
const LOOK_EVERY = 500

/** Notes a backend's pid and port, and becomes the program. The platform replaces the port. */
const START = `folder=$1; shift
command -v "$1" >/dev/null || { echo "There is no program $1." >&2; exit 127; }
echo "$$ $PORT" >"$folder/$SESSION_BACKEND_ID" && exec "$@"`

/** A platform on which a check runs backends. */
export class LabPlatform {
  readonly #lives = new Map<string, Life>()
  /** Whose processes have been seen. */
  readonly #names = new Set<string>()
  #platform: MockPlatform | undefined
  /** Why a backend was not taken from the warm pool. */
  #cold = ''

  private constructor(private readonly options: LabPlatformOptions) {}

  /** Starts a platform. */
  static async open(options: LabPlatformOptions): Promise<LabPlatform> {
    const lab = new LabPlatform(options)
    const { subject, folder, start, warm = 0 } = options
    lab.#platform = await createMockPlatform({
      clock: createClock({ start }),
      startTimeoutSeconds: subject.startTimeoutSeconds,
      gracePeriodSeconds: IDLE_LIMIT,
      services: {
        [SERVICE]: {
          command: ['/bin/sh', '-c', START, 'sh', folder, ...subject.command],
          staticToken: subject.staticToken,
          warm,
        },
      },
      onStatus: (report) => lab.#report(report),
      onLog({ line }) {
        if (line.startsWith(COLD)) lab.#cold = line
      },
    })
    return lab
  }

  get #running(): MockPlatform {
    if (!this.#platform) throw new Error('The platform has not started.')
    return this.#platform
  }

  /** Opens a document as an app does. Resolves when its backend is Ready. */
  async openBackend(documentId: string): Promise<BackendInLab> {
    const since = performance.now()
    const { name, url } = await this.#connect(documentId)
    const life = this.#lifeOf(name)
    const elsewhere = await this.#whenStarted(name, life)
    if (life.readyAt === undefined) throw notReady(life.end, elsewhere)
    const { signal, subject } = this.options
    return new BackendInLab({
      ...{ name, life, signal },
      url: new URL(`./${subject.path.replace(/^\//, '')}`, url),
      process: await this.#readNote(name),
      readyAfter: life.readyAt - since,
      requestEnd: async () => void (await this.#post(`/v2/backend/${name}/terminate`, {})),
    })
  }

  /** Whether a backend waits in the warm pool. */
  async isWarm(): Promise<boolean> {
    const { url, token } = this.#running
    const { signal } = this.options
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` }, signal })
    return /warm_backends\{[^}]*\} 1$/m.test(await metrics.text())
  }

  /** The ports of the programs that were started so far. */
  async ports(): Promise<number[]> {
    const names = await readdir(this.options.folder)
    return Promise.all(names.map(async (name) => (await this.#readNote(name)).port))
  }

  /** Opens a document, and returns why its backend was not taken from the warm pool. */
  async whyCold(documentId: string): Promise<string> {
    await this.#connect(documentId)
    return this.#cold
  }

  /** Kills all backends, and ends. */
  async close(): Promise<void> {
    for (const name of this.#names) {
      // One that has just been spawned has no note yet: the platform ends it by SIGTERM.
      const note = await this.#readNote(name).catch(() => undefined)
      if (note && !this.#lifeOf(name).end) send(-note.pid, 'SIGKILL')
    }
    await this.#platform?.close()
  }

  async #connect(documentId: string) {
    const { subject } = this.options
    const { account } = this.#running
    const { user, auth } = subject
    return parseConnectAnswer(
      await this.#post(`/v2/service/${account}/${SERVICE}/connect`, {
        key: documentId,
        spawn: { executable: { env: variablesOf(subject, documentId) } },
        ...(user !== undefined && { user }),
        ...(auth !== undefined && { auth }),
      }),
    )
  }

  async #post(path: string, body: object): Promise<unknown> {
    const { url, token } = this.#running
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: this.options.signal,
    })
    const answer: unknown = await response.json()
    // What the command line takes is what the platform takes, except for what it says here.
    if (!response.ok && response.status !== 409)
      throw new Error(`The platform refused: ${JSON.stringify(answer)}`)
    return answer
  }

  /** Resolves when a backend is Ready or has ended: to the other ports on which it listened before. */
  async #whenStarted(name: string, life: Life): Promise<ReadonlySet<number>> {
    this.#names.add(name)
    const { subject, signal } = this.options
    const elsewhere = new Set<number>()
    const watching = new AbortController()
    const watch = async () => {
      for (;;) {
        await delay(LOOK_EVERY, undefined, { signal: watching.signal })
        const { pid, port } = await this.#readNote(name)
        const listening = await new Processes(name, pid).listening()
        for (const each of listening) if (each.port !== port) elsewhere.add(each.port)
      }
    }
    // It ends by its signal, or because there is no /proc.
    watch().catch(() => {})
    const limit = subject.startTimeoutSeconds * 1000 + SLACK
    await within(
      life.started,
      limit,
      signal,
      () => new Finding('It was not Ready in time.', READY_ADVICE),
    ).finally(() => watching.abort())
    return elsewhere
  }

  #report(report: StatusReport): void {
    this.#lifeOf(report.name).report(report)
  }

  #lifeOf(name: string): Life {
    const life = this.#lives.get(name) ?? new Life()
    this.#lives.set(name, life)
    return life
  }

  async #readNote(name: string): Promise<{ pid: number; port: number }> {
    const note = await readFile(join(this.options.folder, name), 'utf8')
    const [pid = 0, port = 0] = note.split(' ').map(Number)
    return { pid, port }
  }
}

const READY_ADVICE = 'Let the program listen on the port in the variable PORT within the start timeout.'

function notReady(end: StatusReport | undefined, elsewhere: ReadonlySet<number>): Finding {
  const ports =
    elsewhere.size === 0 ? '' : ` It listened on port ${[...elsewhere].join(', ')} instead of PORT.`
  const how = end ? howItEnded(end) : 'It was not Ready.'
  return new Finding(`${how}${ports}`, READY_ADVICE)
}

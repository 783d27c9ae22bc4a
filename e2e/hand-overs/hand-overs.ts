import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fencedFile } from '@session-backend/backend/storage'
import { createMockPlatform } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import * as v from 'valibot'
import { expect, onTestFinished, vi } from 'vitest'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { AppProcess } from '../soak/messages/app-process.ts'
import { Tally } from './tally.ts'

const WAIT = { timeout: 90_000, interval: 50 }

/** How many hand-overs to make, and of what. */
export interface HandOversOptions {
  documents: number
  pagesEach: number
  /** How often each document is handed over. */
  rounds: number
  /** How many backends are handed over in a second. */
  perSecond: number
  /** How many messages each page sends in a second. */
  messagesPerSecond: number
  /** How many backends wait in the pool. */
  warm: number
  /** How many starts to measure. */
  starts: number
}

/** What pages saw of hand-overs. Times are in ms. */
export interface HandOvers {
  handOvers: number
  sent: number
  lost: number
  doubled: number
  refused: number
  /** For how long each page had no connection. */
  gaps: number[]
  /** How long it took to open a document that nobody had open. */
  starts: number[]
}

const PageReport = v.object({
  name: v.string(),
  documentId: v.string(),
  waits: v.array(v.number()),
  sent: v.number(),
  refused: v.number(),
  error: v.optional(v.string()),
  isConnected: v.boolean(),
  isSettled: v.boolean(),
})
type PageReport = v.InferOutput<typeof PageReport>

/** Pages, in one process. */
class Pages {
  readonly #process: ChildProcess

  constructor(program: string, endpoint: string) {
    this.#process = fork(program, { env: { ...process.env, ENDPOINT: endpoint } })
    onTestFinished(() => void this.#process.kill())
  }

  /** Has all pages do something. Resolves to what is known of them then. */
  async do(action: string, details: Record<string, string | number> = {}): Promise<PageReport[]> {
    const answered = once(this.#process, 'message')
    this.#process.send({ action, ...details })
    return v.parse(v.array(PageReport), (await answered)[0])
  }

  /** Resolves when all of them are connected, and everything that they sent is saved. */
  settled(): Promise<PageReport[]> {
    return this.#all(({ isSettled }) => isSettled)
  }

  connected(): Promise<PageReport[]> {
    return this.#all(({ isConnected }) => isConnected)
  }

  #all(isSo: (page: PageReport) => boolean): Promise<PageReport[]> {
    return vi.waitFor(async () => {
      const pages = await this.do('look')
      expect(pages.filter((page) => !isSo(page))).toEqual([])
      return pages
    }, WAIT)
  }
}

/** A platform and an app with real backends, and pages that write. */
async function startWorld(warm: number) {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-hand-overs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const here = import.meta.dirname
  const [backend = '', program = '', app = ''] = await Promise.all(
    [join(here, 'backend.ts'), join(here, 'pages.ts'), join(here, '../soak/messages/app.ts')].map((path) =>
      bundle(path, folder),
    ),
  )
  const platform = await createMockPlatform({
    services: { list: { command: [process.execPath, backend], warm } },
  })
  onTestFinished(() => platform.close())
  const env = platform.env('list')
  const server = new AppProcess(app, { ...env, FOLDER: join(folder, 'documents') })
  await server.start()
  onTestFinished(() => server.kill())
  const sessionBackends = createSessionBackends({ platform: jamsocket.fromEnv(env), authorize: () => true })
  onTestFinished(() => sessionBackends.close())
  return {
    sessionBackends,
    openPages: () => new Pages(program, server.endpoint),
    /** What a document has on the disk. */
    async tallyOf(documentId: string): Promise<Tally> {
      const storage = fencedFile(join(folder, 'documents/list', documentId), { schema: Tally })
      const saved = await storage.read(Number.MAX_SAFE_INTEGER)
      return saved?.value ?? expect.fail(`Nothing is saved of ${documentId}.`)
    },
  }
}

/** Hands over backends whose pages write all the time. */
export async function handOver(options: HandOversOptions): Promise<HandOvers> {
  const { documents, pagesEach, rounds, perSecond, messagesPerSecond, warm, starts } = options
  const { sessionBackends, openPages, tallyOf } = await startWorld(warm)
  const pages = openPages()
  const ids = Array.from({ length: documents }, (_, index) => `document-${index}`)
  for (const documentId of ids) {
    await pages.do('open', { documentId, count: pagesEach })
    await pages.settled()
  }
  await pages.do('write', { perSecond: messagesPerSecond })
  let handOvers = 0
  const startTimes: number[] = []
  const others = openPages()
  for (let round = 0; round < rounds; round++) {
    const { restarted, failed } = await sessionBackends.rollOut({ documents: ids, perSecond })
    expect(failed).toEqual([])
    handOvers += restarted
    await delay(1000 / perSecond)
    await pages.connected()
    if (round % Math.ceil(rounds / starts) === 0) {
      await others.do('open', { documentId: `start-${round}`, count: 1 })
      startTimes.push((await others.settled()).at(-1)?.waits[0] ?? Number.NaN)
    }
  }
  await pages.do('rest')
  const reports = await pages.settled()
  const tallies = await Promise.all(ids.map(tallyOf))
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const arrived = sum(tallies.flatMap(({ last }) => Object.values(last)))
  const sent = sum(reports.map((page) => page.sent))
  expect(reports.flatMap(({ error }) => error ?? [])).toEqual([])
  return {
    handOvers,
    sent,
    lost: sum(tallies.map(({ lost }) => lost)) + sent - arrived,
    doubled: sum(tallies.map(({ doubled }) => doubled)),
    refused: sum(reports.map((page) => page.refused)),
    gaps: reports.flatMap(({ waits }) => waits.slice(1)),
    starts: startTimes,
  }
}

/** So many percent of the numbers are at most this one. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  return sorted[Math.max(Math.ceil((sorted.length * percent) / 100) - 1, 0)] ?? Number.NaN
}

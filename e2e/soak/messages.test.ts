import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fencedFile } from '@session-backend/backend/storage'
import * as v from 'valibot'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { backendsOf } from '../example.ts'
import { AppProcess } from './messages/app-process.ts'
import { Page } from './messages/page.ts'
import { ACCOUNT, PlatformProcess, TOKEN } from './platform-process.ts'

/** `npm run soak` takes longer than the suite: SOAK_SECONDS=300. */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 6)
const DOCUMENTS = ['one', 'two']
const PAGES = 8
const PER_SECOND = 20
/** Who is killed, in turns. */
const VICTIMS = ['backend', 'app', 'backend', 'platform'] as const
/** Between two kills, in ms: on average. */
const PAUSE = Math.min(SECONDS * 100, 2_500)
const WAIT = { timeout: 90_000, interval: 50 }

/** The platform and the app, as processes, with all that they keep in one folder. */
async function startProcesses() {
  const state = await mkdtemp(join(tmpdir(), 'session-backend-soak-'))
  onTestFinished(() => rm(state, { recursive: true }))
  const [backend = '', program = ''] = await Promise.all(
    ['backend.ts', 'app.ts'].map((name) => bundle(join(import.meta.dirname, 'messages', name), state)),
  )
  const platform = new PlatformProcess(join(state, 'platform'), 'list', backend)
  await platform.start()
  const folder = join(state, 'lists')
  const app = new AppProcess(program, {
    ...{ JAMSOCKET_ACCOUNT: ACCOUNT, JAMSOCKET_TOKEN: TOKEN, JAMSOCKET_SERVICE: 'list' },
    ...{ JAMSOCKET_API_URL: platform.url, FOLDER: folder },
  })
  await app.start()
  onTestFinished(async () => {
    await app.kill()
    await platform.stop('SIGTERM')
  })
  return { platform, app, folder, backends: () => backendsOf({ state }) }
}
type Processes = Awaited<ReturnType<typeof startProcesses>>

/** Kills one after the other for as long as the soak lasts. Resolves to how often each was killed. */
async function killInTurns({ platform, app, backends }: Processes) {
  const killed = { backend: 0, app: 0, platform: 0 }
  const end = performance.now() + SECONDS * 1000
  for (let turn = 0; performance.now() < end; turn++) {
    await delay(PAUSE * (0.5 + Math.random()))
    const victim = VICTIMS[turn % VICTIMS.length] ?? 'backend'
    killed[victim] += 1
    if (victim === 'backend') {
      const pids = await backends()
      const pid = pids[Math.floor(Math.random() * pids.length)]
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    } else if (victim === 'app') {
      await app.kill()
      await app.start()
    } else {
      await platform.stop('SIGKILL')
      await platform.start()
    }
  }
  return killed
}

/** Compares what pages sent to a document with what is on the disk. */
async function tally(folder: string, documentId: string, pages: readonly Page[]) {
  const storage = fencedFile(join(folder, `list/${documentId}`), { schema: v.array(v.string()) })
  const { value = [] } = (await storage.read(Number.MAX_SAFE_INTEGER)) ?? {}
  const stored = new Set(value)
  // In every case, the order of each page is kept.
  for (const { name, sent } of pages) {
    expect(value.filter((item) => item.startsWith(`${name}.`))).toEqual(sent)
  }
  const sent = pages.flatMap((page) => page.sent)
  return {
    sent: sent.length,
    lost: sent.filter((item) => !stored.has(item)).length,
    doubled: value.length - stored.size,
  }
}

it(`applies each of ${PAGES * PER_SECOND} messages a second once, in ${SECONDS} s of SIGKILL for backends, app and platform`, {
  timeout: SECONDS * 1000 + 180_000,
}, async () => {
  const processes = await startProcesses()
  const { platform, app, folder, backends } = processes
  const pages = Array.from(
    { length: PAGES },
    (_, index) => new Page(`p${index}`, DOCUMENTS[index % DOCUMENTS.length] ?? '', app.endpoint),
  )
  const each = (work: (page: Page) => void, ms: number) => {
    const timer = setInterval(() => pages.forEach(work), ms)
    onTestFinished(() => clearInterval(timer))
    return timer
  }
  const allSaved = () =>
    vi.waitFor(() => {
      for (const { session } of pages)
        expect(session).toMatchObject({ phase: 'connected', unsaved: { count: 0 } })
    }, WAIT)
  each((page) => page.retry(), 500)
  await allSaved()
  const speaking = each((page) => page.say(), 1000 / PER_SECOND)
  const killed = await killInTurns(processes)
  clearInterval(speaking)
  await allSaved()
  for (const page of pages) page.close()
  await app.kill()
  expect(await platform.stop('SIGTERM')).toBe(0)
  expect(await backends()).toEqual([])

  const total = { sent: 0, lost: 0, doubled: 0, refused: 0 }
  for (const documentId of DOCUMENTS) {
    const here = pages.filter((page) => page.documentId === documentId)
    const { sent, lost, doubled } = await tally(folder, documentId, here)
    total.sent += sent
    total.lost += lost
    total.doubled += doubled
  }
  for (const { refused } of pages) total.refused += refused
  console.log(`${SECONDS} s: ${JSON.stringify(total)}, killed: ${JSON.stringify(killed)}`)
  expect(total).toMatchObject({ lost: 0, doubled: 0, refused: 0 })
  expect(total.sent).toBeGreaterThan(SECONDS >= 300 ? 20_000 : PAGES)
})

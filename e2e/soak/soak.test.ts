import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { jamsocket } from '@session-backend/server'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createApp } from '../../examples/express-editor/server/app.ts'
import { createDocumentFolder } from '../../examples/express-editor/server/documents.ts'
import { backendsOf } from '../example.ts'
import { happen, happenings, type World } from './chaos.ts'
import { Client } from './client.ts'
import { ACCOUNT, PlatformProcess, TOKEN } from './platform-process.ts'

/** `npm run soak` takes longer than the suite: SOAK_SECONDS=300 SOAK_SEED=1. */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 15)
const SEED = Number(process.env.SOAK_SEED ?? Date.now())
const BACKEND = join(import.meta.dirname, '../../examples/express-editor/dist/backend.js')
const DOCUMENTS = ['one.md', 'two.md', 'three.md']
const WAIT = { timeout: 60_000, interval: 50 }

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

function heapInMegabytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1e6
}

/** What this process holds open. */
async function resources() {
  const sockets = process.getActiveResourcesInfo().filter((name) => /TCP|Process|Pipe/.test(name))
  return { sockets: sockets.length, descriptors: (await readdir('/proc/self/fd')).length }
}

it(`survives ${SECONDS} s of chaos with nothing lost and nothing left (seed ${SEED})`, {
  timeout: SECONDS * 1000 + 150_000,
}, async () => {
  vi.stubGlobal('WebSocket', WebSocket)
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-soak-'))
  const state = await mkdtemp(join(tmpdir(), 'session-backend-soak-state-'))
  onTestFinished(async () => {
    vi.unstubAllGlobals()
    await Promise.all([folder, state].map((path) => rm(path, { recursive: true })))
  })
  await Promise.all(DOCUMENTS.map((id) => writeFile(join(folder, id), '')))
  const before = await resources()

  const platform = new PlatformProcess(join(state, 'platform'), 'editor', BACKEND)
  await platform.start()
  const engine = jamsocket({ account: ACCOUNT, token: TOKEN, service: 'editor', apiUrl: platform.url })
  const documents = createDocumentFolder(folder)
  const app = createApp({
    engine: {
      platform: engine,
      pathOf: (file) => file,
      stateFolder: join(state, 'documents'),
      dashboardUrl: platform.url,
    },
    documents,
    pageFolder: folder,
    gracePeriodSeconds: 1,
  })
  const server = createServer(app)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/sessions`

  const ids = [...DOCUMENTS]
  /** What other programs wrote. */
  const written: { documentId: string; word: string }[] = []
  const write = async (documentId: string) => {
    const word = `<w${written.length}>`
    written.push({ documentId, word })
    await appendFile(join(folder, documentId), word)
  }
  /** Of the tabs that were closed: what was said to be safe. */
  const closed: { documentId: string; acknowledged: readonly string[] }[] = []
  let opened = 0
  const world: World = {
    platform,
    clients: [],
    open(which) {
      const id = DOCUMENTS[which % DOCUMENTS.length] ?? ''
      world.clients.push(new Client(`c${opened++}`, id, endpoint))
    },
    async create() {
      const id = `new-${ids.length}.md`
      ids.push(id)
      await write(id)
      const client = new Client(`c${opened++}`, id, endpoint)
      world.clients.push(client)
      return { client, write: () => write(id) }
    },
    close(client) {
      world.clients.splice(world.clients.indexOf(client), 1)
      closed.push({ documentId: client.documentId, acknowledged: client.acknowledged })
      client.close()
    },
    processes: () => backendsOf({ state }),
  }
  for (const [index] of DOCUMENTS.entries()) world.open(index)

  const end = performance.now() + SECONDS * 1000
  const happened: Record<string, number> = {}
  let heap = { at: 0, megabytes: 0 }
  for (const happening of happenings(SEED, SECONDS * 40)) {
    if (performance.now() > end) break
    // A warm heap is what growth counts from.
    if (heap.at === 0 && performance.now() > end - SECONDS * 500) {
      heap = { at: performance.now(), megabytes: heapInMegabytes() }
    }
    await happen(happening, world)
    happened[happening.what] = (happened[happening.what] ?? 0) + 1
    await delay(happening.pause)
  }
  const minutes = (performance.now() - heap.at) / 60_000
  const growth = (heapInMegabytes() - heap.megabytes) / minutes

  // Everything works again: so does everybody, within a minute, and nothing that was typed is lost.
  await platform.change('faults/clear')
  for (const [index] of DOCUMENTS.entries()) world.open(index)
  await vi.waitFor(() => {
    for (const client of world.clients) {
      if (client.session.phase === 'failed') expect(client.session.error.code).toBe('crash_loop')
      client.retry()
      expect([client.session.phase, client.unsaved]).toEqual(['connected', 0])
    }
  }, WAIT)
  for (const id of ids) {
    const here = world.clients.filter(({ documentId }) => documentId === id)
    const text = await vi.waitFor(async () => {
      const onDisk = await readFile(join(folder, id), 'utf8')
      for (const client of here) expect(client.text).toBe(onDisk)
      return onDisk
    }, WAIT)
    const gone = closed.filter(({ documentId }) => documentId === id)
    const safe = [
      ...here.flatMap(({ edits }) => edits),
      ...gone.flatMap(({ acknowledged }) => acknowledged),
      ...written.flatMap(({ documentId, word }) => (documentId === id ? [word] : [])),
    ]
    const wrong = safe.filter((word) => text.split(word).length !== 2)
    expect(wrong, `In ${id}: ${text}`).toEqual([])
  }

  console.log(`${SECONDS} s, seed ${SEED}: ${opened} tabs, ${JSON.stringify(happened)}`)
  console.log(`heap: ${growth.toFixed(2)} MB a minute, over ${minutes.toFixed(1)} minutes`)
  // In a short run, what is measured is chance.
  if (minutes >= 2) expect(growth).toBeLessThan(1)

  for (const client of [...world.clients]) world.close(client)
  await vi.waitFor(async () => expect(await world.processes()).toEqual([]), WAIT)
  expect(await platform.stop('SIGTERM')).toBe(0)
  await engine.close()
  server.close()
  server.closeAllConnections()
  await vi.waitFor(async () => expect(await resources()).toEqual(before), WAIT)
})

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fencedFile } from '@session-backend/backend/storage'
import { relayStatus } from '@session-backend/react'
import { createSessionBackends, type SessionBackends } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import { plane } from '@session-backend/server/plane'
import * as v from 'valibot'
import { expect, it, onTestFinished, vi } from 'vitest'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { buildNodeImage, dockerClient, startDocker, whyNoDocker } from '../../scripts/engines/docker.mjs'
import { startPlane, whyNoPlane } from '../../scripts/engines/plane.mjs'
import { Page } from '../soak/messages/page.ts'

const IMAGE = 'drained:local'
const DOCUMENTS = Array.from({ length: 50 }, (_, index) => `doc-${index}`)
const WAIT = { timeout: 240_000, interval: 200 }
const missing = whyNoDocker() ?? whyNoPlane()

/** A Plane with two drones, which share a folder, and an app on it. */
async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-drain-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const docker = await startDocker()
  onTestFinished(docker.stop)
  await buildNodeImage(dockerClient({ host: docker.host }), IMAGE, {
    files: {
      '/app/backend.mjs': await bundle(join(import.meta.dirname, '../soak/messages/backend.ts'), folder),
    },
    command: ['/usr/local/bin/node', '/app/backend.mjs'],
  })
  const real = await startPlane({ dockerHost: docker.host, mountBase: folder })
  onTestFinished(real.stop)
  const drones = [real.drone, await real.startDrone()] as const
  const sessionBackends = createSessionBackends({
    platform: plane({
      controllerUrl: real.controllerUrl,
      service: 'list',
      executable: { image: IMAGE, pullPolicy: 'Never', mount: 'lists', env: { FOLDER: '/plane-data' } },
    }),
    authorize: () => ({ user: 'ada' }),
    secrets: ['a secret of the app, for its users'],
  })
  onTestFinished(() => sessionBackends.close())
  const endpoint = await listen(sessionBackends)
  return { real, drones, sessionBackends, endpoint, lists: join(folder, 'lists') }
}

async function listen(sessionBackends: SessionBackends): Promise<string> {
  const server = createServer(nodeHandler(sessionBackends)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/sessions`
}

/** A page on each document, which says something all the time. */
function openPages(endpoint: string, controllerUrl: string) {
  const pages = DOCUMENTS.map((id) => new Page(`p-${id}`, id, endpoint, relayStatus))
  const each = (work: (page: Page) => void, ms: number) =>
    setInterval(() => {
      for (const page of pages) work(page)
    }, ms)
  const timers = [each((page) => page.say(), 500), each((page) => page.retry(), 1_000)]
  const stopTimers = () => {
    for (const timer of timers) clearInterval(timer)
  }
  onTestFinished(() => {
    stopTimers()
    for (const page of pages) page.close()
  })
  const areConnected = () =>
    vi.waitFor(async () => {
      const open = pages.filter(({ session }) => session.phase !== 'connected')
      const states = open.map(({ session }) => stateOf(session, controllerUrl))
      expect(await Promise.all(states)).toEqual([])
    }, WAIT)
  async function fallSilent() {
    stopTimers()
    const unsaved = () => pages.map(({ session }) => session.unsaved?.count).filter((count) => count !== 0)
    await vi.waitFor(() => expect(unsaved()).toEqual([]), WAIT)
  }
  return { pages, areConnected, fallSilent }
}

/** What a page knows of its document, and what Plane does. */
async function stateOf({ phase, status, error, name, timeline }: Page['session'], controllerUrl: string) {
  const response = await fetch(`${controllerUrl}/pub/b/${name}/status`)
  return { phase, status, error, name, timeline, plane: await response.text() }
}

/** Restarts all documents, and those that could not be restarted in time again. */
async function rollOut(sessionBackends: SessionBackends) {
  const options = { documents: DOCUMENTS, perSecond: 5 }
  let report = await sessionBackends.rollOut(options)
  for (let tries = 0; report.failed.length > 0 && tries < 5; tries++)
    report = await sessionBackends.rollOut({ ...options, before: report.before })
  expect(report.failed).toEqual([])
}

/** How many of the pages' messages are not on the disk, and how many are there twice. */
async function tally(lists: string, pages: readonly Page[]) {
  const total = { lost: 0, doubled: 0 }
  for (const { documentId, sent } of pages) {
    const storage = fencedFile(join(lists, `list/${documentId}`), { schema: v.array(v.string()) })
    const { value = [] } = (await storage.read(Number.MAX_SAFE_INTEGER)) ?? {}
    const stored = new Set(value)
    total.lost += sent.filter((item) => !stored.has(item)).length
    total.doubled += value.length - stored.size
  }
  return total
}

if (missing !== undefined) it('two drones of a real Plane', ({ skip }) => skip(missing))
else {
  it('a drained drone gives all its 50 open documents to the other, and no message is lost', {
    timeout: 900_000,
  }, async () => {
    const { real, drones, sessionBackends, endpoint, lists } = await start()
    const [drained, other] = drones
    const { pages, areConnected, fallSilent } = openPages(endpoint, real.controllerUrl)
    await areConnected()
    const before = await real.countBackends()
    expect(before.get(drained.name)).toBeGreaterThan(0)
    expect((before.get(drained.name) ?? 0) + (before.get(other.name) ?? 0)).toBe(DOCUMENTS.length)

    await drained.drain()
    await rollOut(sessionBackends)
    await areConnected()
    expect(Object.fromEntries(await real.countBackends())).toEqual({
      [drained.name]: 0,
      [other.name]: DOCUMENTS.length,
    })

    // Nobody needs it any more.
    await drained.stop()
    const said = pages.map(({ sent }) => sent.length)
    await vi.waitFor(() => {
      for (const [index, { sent }] of pages.entries()) expect(sent.length).toBeGreaterThan(said[index] ?? 0)
    }, WAIT)
    await fallSilent()
    const sent = pages.reduce((sum, page) => sum + page.sent.length, 0)
    console.log(`${before.get(drained.name)} documents moved, ${sent} messages`)
    expect(await tally(lists, pages)).toEqual({ lost: 0, doubled: 0 })
  })
}

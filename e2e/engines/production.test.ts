import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plane } from '@session-backend/server/plane'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { drive, newLock, until } from '../../packages/server/test/contract/driver.ts'
import { buildNodeImage, dockerClient, startDocker, whyNoDocker } from '../../scripts/engines/docker.mjs'
import { type Production, startProduction, whyNoProduction } from '../../scripts/engines/production.mjs'

const backend = join(import.meta.dirname, '../../packages/conformance/backend.mjs')
const missing = whyNoDocker() ?? whyNoProduction()

/** What was started, last first. */
const started: (() => Promise<unknown>)[] = []
let production: Production

async function start(): Promise<void> {
  const docker = await startDocker()
  started.unshift(docker.stop)
  await buildNodeImage(dockerClient({ host: docker.host }), 'registry.example.com/acme/editor:v1', {
    files: { '/app/backend.mjs': backend },
    command: ['/usr/local/bin/node', '/app/backend.mjs'],
  })
  production = await startProduction({ dockerHost: docker.host })
  started.unshift(production.stop)
}

/** The page's own `platform.ts`. */
async function importPlatform(): Promise<Plane> {
  process.env.PLANE_TOKEN = production.tokens.app
  const file = await bundle(join(production.folder, 'platform.ts'), production.folder)
  const { platform } = await import(pathToFileURL(file).href)
  started.unshift(() => platform.close())
  return platform
}

const CLUSTER = 'some-cluster'
/** Every path of Plane's controller, and whose token opens it. */
const PATHS = [
  ['GET', '/ctrl/status', 'operator'],
  ['GET', `/ctrl/c/${CLUSTER}/state`, 'operator'],
  ['POST', `/ctrl/c/${CLUSTER}/d/dr-7/drain`, 'operator'],
  ['GET', `/ctrl/c/${CLUSTER}/drone-socket`, 'drone'],
  ['GET', `/ctrl/c/${CLUSTER}/proxy-socket`, 'proxy'],
  ['GET', '/ctrl/dns-socket', 'proxy'],
  ['POST', '/ctrl/connect', 'app'],
  ['POST', '/ctrl/b/some-backend/soft-terminate', 'app'],
  ['POST', '/ctrl/b/some-backend/hard-terminate', 'app'],
  ['POST', '/ctrl/b/revoke', 'app'],
  ['GET', '/pub/b/some-backend/status', 'app'],
  ['GET', '/pub/b/some-backend/status-stream', 'app'],
  ['GET', '/pub/health', undefined],
  ['GET', '/', undefined],
] as const

async function statusOf(method: string, path: string, authorization?: string): Promise<number> {
  const response = await fetch(`${production.controllerUrl}${path}`, {
    method,
    ...(authorization !== undefined && { headers: { authorization } }),
  })
  await response.body?.cancel()
  return response.status
}

function layout(): void {
  beforeAll(start, 180_000)
  afterAll(async () => {
    for (const stop of started) await stop()
  }, 60_000)

  it.each(PATHS)('nobody without a token reaches %s %s', async (method, path) => {
    expect(await statusOf(method, path)).toBe(401)
    expect(await statusOf(method, path, 'Bearer guess')).toBe(401)
    expect(await statusOf(method, path, 'Bearer ')).toBe(401)
    expect(await statusOf(method, path, production.tokens.operator)).toBe(401)
  })

  it.each(PATHS)("%s %s is open to the %s's token, and to no other", async (method, path, owner) => {
    for (const [role, token] of Object.entries(production.tokens)) {
      const isRefused = [401, 403].includes(await statusOf(method, path, `Bearer ${token}`))
      expect([role, isRefused]).toEqual([role, role !== owner])
    }
  })

  it('nobody without a token opens a socket of a drone', async () => {
    const url = `${production.controllerUrl.replace('http', 'ws')}/ctrl/c/${production.cluster}/drone-socket`
    const socket = new WebSocket(url)
    const message = await new Promise<string>((resolve) =>
      socket.on('error', (error) => resolve(error.message)),
    )
    expect(message).toContain('401')
  })

  it('the controllers and nginx listen on loopback only', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const outside = addresses.filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of outside) {
      for (const url of [production.controllerUrl, ...production.controllers]) {
        await expect(fetch(`http://${address}:${new URL(url).port}/ctrl/status`)).rejects.toThrow()
      }
    }
  })

  it('the platform of the page opens documents with the token of the app, also without one of the controllers', async () => {
    const platform = await importPlatform()
    const { envOf, terminate } = drive({
      platform,
      withStaticToken: platform,
      withWarmPool: platform,
      tag: 'v1',
      shortestIdle: 15,
      close: () => platform.close(),
    })
    const open = async () => {
      const session = await platform.spawn({ lock: newLock() })
      await until(platform.statusStream(session.name), 'Ready')
      expect((await envOf(session)).SESSION_BACKEND_ID).toBe(session.name)
      return session
    }
    const session = await open()
    await production.stopController()
    const next = await inSpiteOfRestart(open)
    await inSpiteOfRestart(() => envOf(session))
    for (const each of [session, next]) await terminate(each)
  }, 240_000)
}

/**
 * The drone and the proxy come back through the other controller first, and requests that arrive before may never
 * be answered: clients must give up, and try again.
 */
function inSpiteOfRestart<T>(work: () => Promise<T>): Promise<T> {
  const giveUp = () =>
    new Promise<never>((_, reject) =>
      setTimeout(reject, 15_000, new Error('There was no answer in 15 s.')).unref(),
    )
  return vi.waitFor(() => Promise.race([work(), giveUp()]), { timeout: 120_000, interval: 1_000 })
}

if (missing !== undefined) it('the production layout of docs/engines.md', ({ skip }) => skip(missing))
else describe('the production layout of docs/engines.md', layout)

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionBackends } from '@session-backend/server'
import { type Plane, plane } from '@session-backend/server/plane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from '../../packages/backend/test/support/program.ts'
import { until } from '../../packages/server/test/contract/driver.ts'
import { buildNodeImage, dockerClient, startDocker, whyNoDocker } from '../../scripts/engines/docker.mjs'
import { startPlane, whyNoPlane } from '../../scripts/engines/plane.mjs'
import {
  CONTROLLED,
  openSession,
  percentile,
  REVOCATION_LIMIT,
  startAppServer,
  timeRevocation,
} from '../control/app.ts'
import { openPage } from '../control/page.ts'

const IMAGE = 'controlled:local'
const missing = whyNoDocker() ?? whyNoPlane()

/** What was started, last first. */
const started: (() => Promise<unknown>)[] = []
let platform: Plane
let app: SessionBackends
/** Another server of the same app. */
let replica: SessionBackends

async function start(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-control-'))
  started.unshift(() => rm(folder, { recursive: true, force: true }))
  const docker = await startDocker()
  started.unshift(docker.stop)
  await buildNodeImage(dockerClient({ host: docker.host }), IMAGE, {
    // The program prints the environment of its child processes.
    files: { '/app/backend.mjs': await bundle(CONTROLLED, folder), '/usr/bin/env': '/usr/bin/env' },
    command: ['/usr/local/bin/node', '/app/backend.mjs'],
  })
  const real = await startPlane({ dockerHost: docker.host })
  started.unshift(real.stop)
  const { controllerUrl } = real
  const executable = { image: IMAGE, pullPolicy: 'Never' as const }
  platform = plane({ controllerUrl, executable, service: 'room' })
  const secrets = ['a secret of the app, for its users']
  ;[app, replica] = [startAppServer({ platform, secrets }), startAppServer({ platform, secrets })]
  started.unshift(() => platform.close())
}

/** A page of a user, once the backend is there. */
async function open(documentId: string, user = 'ada') {
  const session = await openSession(app, documentId, user)
  await until(platform.statusStream(session.name), 'Ready')
  return { session, ...(await openPage(session.url)) }
}

function controlOnPlane(): void {
  beforeAll(start, 120_000)
  afterAll(async () => {
    for (const stop of started) await stop()
  })

  it('revokes a user from any server: 4403, and again until `authorize` has let them in again', async () => {
    const [ada, ben] = [await open('plan'), await open('plan', 'ben')]
    expect(await ada.message('you')).toMatchObject({ user: 'ada', auth: { role: 'role of ada' } })
    expect(await replica.revoke('plan', { user: 'ada' })).toEqual({ delivered: true })
    expect(await ada.closed).toBe(4403)
    expect(await (await openPage(ada.session.url)).closed).toBe(4403)
    const again = await open('plan')
    await again.message('you')
    expect(await app.send('plan', { text: 'to who is left' })).toEqual({ delivered: true })
    expect([await ben.message('told'), await again.message('told')]).toEqual(Array(2).fill('to who is left'))
  })

  it(`closes 200 connections of a revoked user within ${REVOCATION_LIMIT} ms, 99 of 100`, async () => {
    await open('crowd')
    const times = await timeRevocation(app, 'crowd')
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
    console.log(`Plane: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`)
    expect(p99).toBeLessThan(REVOCATION_LIMIT)
  }, 240_000)
}

if (missing !== undefined) it('control of backends on a real Plane', ({ skip }) => skip(missing))
else describe('control of backends on a real Plane', controlOnPlane)

import type { Session } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dockerClient, startDocker, whyNoDocker } from '../../../scripts/engines/docker.mjs'
import { type RunningPlane, startPlane, whyNoPlane } from '../../../scripts/engines/plane.mjs'
import { type Plane, plane } from '../src/plane.ts'
import { describeContract } from '../test/contract/contract.ts'
import { newLock, until } from '../test/contract/driver.ts'
import { openSocket } from '../test/contract/wire.ts'
import { buildImages, IMAGE, WARM_IMAGE } from './support/images.ts'

const missing = whyNoDocker() ?? whyNoPlane()

/** A real Plane with its own Docker Engine, and a client of it. */
interface Engine {
  real: RunningPlane
  platform: Plane
  close(): Promise<void>
}

async function start(): Promise<Engine> {
  const docker = await startDocker()
  try {
    await buildImages(dockerClient({ host: docker.host }))
    const real = await startPlane({ dockerHost: docker.host })
    const platform = plane(optionsOf(real))
    return {
      real,
      platform,
      async close() {
        await platform.close()
        await real.stop()
        await docker.stop()
      },
    }
  } catch (error) {
    await docker.stop()
    throw error
  }
}

const optionsOf = ({ controllerUrl }: RunningPlane, image = IMAGE) => ({
  controllerUrl,
  executable: { image },
})

if (missing !== undefined) it('a real Plane', ({ skip }) => skip(missing))
else {
  describeContract('a real Plane', 'plane', async () => {
    const { real, platform, close } = await start()
    const withStaticToken = plane({ ...optionsOf(real), namespace: 'static', staticToken: true })
    const withWarmPool = plane({ ...optionsOf(real, WARM_IMAGE), namespace: 'warm' })
    return {
      platform,
      withStaticToken,
      withWarmPool,
      tag: 'green',
      shortestIdle: 15,
      async close() {
        await Promise.all([withStaticToken.close(), withWarmPool.close()])
        await close()
      },
    }
  })
  describe('a real Plane', { timeout: 180_000 }, failures)
}

function failures(): void {
  let engine: Engine
  const spawn = (lock: string) => engine.platform.spawn({ lock, gracePeriodSeconds: 300 })
  const follow = (session: Session, status: 'Ready') =>
    until(engine.platform.statusStream(session.name), status)

  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.close())

  it('fails to load an image that is not there, and says so', async () => {
    const { controllerUrl } = engine.real
    // Nobody listens there.
    const client = plane({ controllerUrl, executable: { image: '127.0.0.1:1/acme/nope:v1' } })
    const { name } = await client.spawn({ lock: newLock() })
    expect((await until(client.statusStream(name))).map(({ state }) => state)).toEqual([
      'Loading',
      'ErrorLoading',
    ])
    await client.close()
  })

  it('ends a backend at once where it is asked to', async () => {
    const session = await spawn(newLock())
    await follow(session, 'Ready')
    await engine.platform.terminate(session.name, { hard: true })
    expect((await until(engine.platform.statusStream(session.name))).at(-1)?.state).toBe('Terminated')
  })

  it('keeps the keys of two tags apart, and those of two namespaces', async () => {
    const lock = newLock()
    const options = optionsOf(engine.real)
    const other = plane({ ...options, tag: 'green' })
    const elsewhere = plane({ ...options, namespace: 'elsewhere' })
    const session = await spawn(lock)
    await expect(other.fetch({ lock })).rejects.toMatchObject({ code: 'platform_busy' })
    await expect(elsewhere.fetch({ lock })).rejects.toMatchObject({ code: 'not_running' })
    await engine.platform.terminate(session.name)
    await Promise.all([other.close(), elsewhere.close()])
  })

  it('goes on when the controller is restarted: sockets stay, the stream goes on, new users come in', async () => {
    const lock = newLock()
    const session = await spawn(lock)
    await follow(session, 'Ready')
    const socket = await openSocket(session)
    const problems: string[] = []
    socket.onclose = () => problems.push('the socket was closed')
    const states = until(engine.platform.statusStream(session.name))
    await engine.real.restartController()
    const again = await vi.waitFor(() => engine.platform.fetch({ lock }), { timeout: 30_000, interval: 200 })
    expect(again.name).toBe(session.name)
    // What the proxy asks while it has no controller is never answered: a client has to ask again.
    const isIn = async () => {
      const signal = AbortSignal.timeout(2_000)
      expect((await fetch(new URL('env', again.url), { signal })).status).toBe(200)
    }
    await vi.waitFor(isIn, { timeout: 60_000, interval: 500 })
    expect(problems).toEqual([])
    socket.close()
    await engine.platform.terminate(session.name)
    expect((await states).map(({ state }) => state)).toEqual(['Loading', 'Starting', 'Ready', 'Terminated'])
  })

  it('gives a lock to another drone when the lease of a dead one has run out; the token is higher', async () => {
    const lock = newLock()
    const first = await spawn(lock)
    await follow(first, 'Ready')
    const token = await tokenOf(first)
    await engine.real.drone.kill()
    // Until then it is the backend of the lock, as it may well live on.
    expect((await engine.platform.fetch({ lock })).name).toBe(first.name)
    await engine.real.startDrone()
    const second = await vi.waitFor(
      async () => {
        const session = await spawn(lock)
        expect(session.name).not.toBe(first.name)
        return session
      },
      { timeout: 150_000, interval: 1_000 },
    )
    await follow(second, 'Ready')
    expect(await tokenOf(second)).toBeGreaterThan(token)
  })
}

async function tokenOf({ url }: Session): Promise<number> {
  const env: unknown = await (await fetch(new URL('env', url))).json()
  return isRecord(env) ? Number(env.SESSION_BACKEND_FENCING_TOKEN) : expect.fail()
}

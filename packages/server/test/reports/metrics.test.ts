import { readFileSync } from 'node:fs'
import { metrics } from '@opentelemetry/api'
import { SessionBackendError } from '@session-backend/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RunningBackend } from '../../src/index.ts'
import { createInstruments } from '../../src/reports/instruments.ts'
import { createApp, POST } from '../support/backends.ts'
import { Feed, fakePlatform, iterate, sessionOf, stateAt } from '../support/fake-platform.ts'
import { useMetrics } from '../support/metrics.ts'

const service = { 'session_backend.service': 'editor' }
const loading = async () => sessionOf('b1', { status: 'Loading' })
const running = (status: RunningBackend['status']): RunningBackend => {
  const since = '2026-01-01T12:00:00.000Z'
  return { name: 'b', status, since, createdAt: since }
}

async function restOf(body: ReadableStreamDefaultReader<unknown> | undefined) {
  while (!(await body?.read())?.done);
}

describe('the metrics', () => {
  it('count and time requests by action and by how they failed', async () => {
    const measured = useMetrics()
    const app = createApp({ authorize: ({ request }) => request.headers.get('x-user') !== 'mallory' })
    await app.send('/doc', POST)
    await app.connect('doc', { headers: {} })
    await app.send('/doc')
    await app.send('/doc', { ...POST, headers: { 'x-user': 'mallory' } })
    expect(await measured.values('session_backend.request.duration')).toEqual([
      { ...service, 'session_backend.action': 'open', value: 2 },
      { ...service, 'session_backend.action': 'read', value: 1 },
      { ...service, 'session_backend.action': 'open', 'error.type': 'forbidden', value: 1 },
    ])
  })

  it('count and time the calls that spawn: one for a crowd, and whether it found the backend', async () => {
    const measured = useMetrics()
    const app = createApp()
    await Promise.all([app.send('/doc', POST), app.send('/doc', POST), app.send('/doc', POST)])
    await new Promise((resolve) => setImmediate(resolve))
    await app.send('/doc', POST)
    const failing = fakePlatform({
      spawn: () => Promise.reject(new SessionBackendError('platform_busy', 'full')),
    })
    await createApp({ platform: failing }).send('/doc', POST)
    expect(await measured.values('session_backend.spawn.duration')).toEqual([
      { ...service, 'session_backend.spawned': true, value: 1 },
      { ...service, 'session_backend.spawned': false, value: 1 },
      { ...service, 'error.type': 'platform_busy', value: 1 },
    ])
  })

  it('time every start from the spawn to Ready, by the platform’s clock', async () => {
    const measured = useMetrics()
    vi.stubEnv('NODE_ENV', 'production')
    onTestFinished(() => void vi.unstubAllEnvs())
    let spawned = 0
    const platform = fakePlatform({
      spawn: async () => sessionOf(`b${++spawned}`, { status: 'Loading' }),
      statusStream: (name) => {
        const end = name === 'b3' ? stateAt('ErrorStarting', 100) : stateAt('Ready', 1_500)
        return iterate([stateAt('Loading', 0), stateAt('Starting', 50), end])
      },
    })
    const app = createApp({ platform })
    await Promise.all([1, 2, 3].map((n) => app.send(`/doc-${n}`, POST)))
    await vi.waitFor(async () =>
      expect(await measured.values('session_backend.start.duration')).toEqual([
        { ...service, 'session_backend.status': 'Ready', value: 2 },
        { ...service, 'session_backend.status': 'ErrorStarting', value: 1 },
      ]),
    )
    const starts = (await measured.read()).find(({ descriptor }) => descriptor.name.includes('start'))
    expect(starts?.dataPoints[0]?.value).toMatchObject({ sum: 3, min: 1.5, max: 1.5 })
  })

  it('count a start from a warm pool, which the spawn request is answered for when it is Ready', async () => {
    const measured = useMetrics()
    const spawns = [true, false].map((spawned) => sessionOf('b1', { status: 'Ready', spawned }))
    const app = createApp({
      platform: fakePlatform({ spawn: async () => spawns.shift() ?? sessionOf('b1') }),
    })
    await app.send('/doc', POST)
    await app.send('/doc', POST)
    expect(await measured.values('session_backend.start.duration')).toEqual([
      { ...service, 'session_backend.status': 'Ready', value: 1 },
    ])
  })

  it('count the readers of streams while they read, and time the streams', async () => {
    const measured = useMetrics()
    const feed = new Feed<ReturnType<typeof stateAt>>()
    const app = createApp({
      platform: fakePlatform({ statusStream: (_, { signal } = {}) => feed.open(signal) }),
    })
    const readers = [new AbortController(), new AbortController()]
    const streams = await Promise.all(readers.map(({ signal }) => app.send('/doc/status', { signal })))
    feed.push(stateAt('Loading', 0))
    const bodies = streams.map(({ body }) => body?.getReader())
    await Promise.all(bodies.map((body) => body?.read()))
    const status = { ...service, 'session_backend.stream': 'status' }
    expect(await measured.values('session_backend.relay.readers')).toEqual([{ ...status, value: 2 }])
    await bodies[0]?.cancel()
    await vi.waitFor(async () =>
      expect(await measured.values('session_backend.relay.readers')).toEqual([{ ...status, value: 1 }]),
    )
    feed.end({ error: new SessionBackendError('platform_error', 'lost') })
    await expect(restOf(bodies[1])).rejects.toThrow('lost')
    await vi.waitFor(async () =>
      expect(await measured.values('session_backend.relay.duration')).toEqual([
        { ...status, value: 1 },
        { ...status, 'error.type': 'platform_error', value: 1 },
      ]),
    )
    expect(await measured.values('session_backend.relay.readers')).toEqual([{ ...status, value: 0 }])
  })

  it('count failures by their code', async () => {
    const measured = useMetrics()
    const broken = fakePlatform({ spawn: () => Promise.reject(new Error('broken')) })
    const app = createApp({ platform: broken })
    await app.send('/doc', POST)
    await app.send('/doc', POST)
    await app.send('/doc', { method: 'PUT' })
    expect(await measured.values('session_backend.failures')).toEqual([
      { 'error.type': 'internal', 'session_backend.action': 'open', value: 2 },
      { 'error.type': 'method_not_allowed', value: 1 },
    ])
  })

  it('count the running backends as the platform lists them', async () => {
    const measured = useMetrics()
    const list = vi.fn(async () => [running('Ready'), running('Ready'), running('Starting')])
    const app = createApp({ platform: fakePlatform({ list }) })
    const unable = fakePlatform({
      list: () => {
        throw new SessionBackendError('not_supported', 'no list')
      },
    })
    await createApp({ platform: unable }).send('/doc', POST)
    await app.send('/doc', POST)
    expect(await measured.values('session_backend.backends')).toEqual([
      { ...service, 'session_backend.status': 'Loading', value: 0 },
      { ...service, 'session_backend.status': 'Starting', value: 1 },
      { ...service, 'session_backend.status': 'Ready', value: 2 },
    ])
    expect(list).toHaveBeenCalledOnce()
    await app.close()
    await measured.read()
    expect(list).toHaveBeenCalledOnce()
  })

  it('begin when the app sets up its provider, even after the first requests', async () => {
    const app = createApp()
    await app.send('/doc', POST)
    const measured = useMetrics()
    await app.send('/doc', POST)
    expect(await measured.values('session_backend.request.duration')).toMatchObject([{ value: 1 }])
  })

  it('have no value that a page can choose', async () => {
    const measured = useMetrics()
    const app = createApp({ authorize: () => ({ user: 'planted-user' }), lock: () => 'planted-lock' })
    for (let n = 0; n < 20; n++) {
      const headers = {
        traceparent: `00-${String(n).padStart(32, 'a')}-${String(n).padStart(16, 'b')}-01`,
        baggage: `session-backend.click=${Date.now() - n},planted-${n}=1`,
        'x-user': `planted-${n}`,
      }
      await app.send(`/planted-${n}`, { ...POST, headers })
      await app.send(`/planted-${n}/planted-${n}`, { headers })
      await app.send(`/planted-${n}`, { method: `PLANTED${n}`, headers })
    }
    const data = await measured.read()
    const attributes = data.flatMap(({ dataPoints }) => dataPoints.map((point) => point.attributes))
    expect(JSON.stringify(attributes)).not.toMatch(/planted|aaaa|bbbb/i)
    expect(attributes.length).toBeLessThan(8)
  })

  it('keep to the list of codes, also if a platform of the app’s throws others', async () => {
    const measured = useMetrics()
    const error = new SessionBackendError('platform_error', 'x')
    Object.defineProperty(error, 'code', { value: 'https://planted/' })
    const platform = fakePlatform({ spawn: () => Promise.reject(error) })
    await createApp({ platform }).send('/doc', POST)
    expect(JSON.stringify(await measured.read())).not.toContain('planted')
  })
})

describe('an app without a meter provider', () => {
  it('has no instruments: nothing is created, timed or recorded', async () => {
    const getMeter = vi.spyOn(metrics.getMeterProvider(), 'getMeter')
    onTestFinished(() => getMeter.mockRestore())
    const app = createApp({ platform: fakePlatform({ spawn: loading }) })
    for (let n = 0; n < 5; n++) await app.send(`/doc-${n}`, POST)
    expect(getMeter.mock.calls.length).toBeLessThanOrEqual(1)
  })
})

describe('docs/observability.md', () => {
  const text = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8')
  const rows = [
    ...text.matchAll(/^\| `(session_backend\.[\w.]+)` +\| (\w[-\w ]*?) +\| `(.+?)` +\| (.+?) +\|/gm),
  ]

  it('lists the instruments that exist, with their kinds and units', () => {
    const documented = rows.map(([, name, kind, unit]) => [name, kind, unit])
    const created: unknown[] = []
    const create = (kind: string) => (name: string, options: { unit?: string } | undefined) => {
      created.push([name, kind, options?.unit])
      return { addCallback: () => {} }
    }
    const meter = new Proxy(metrics.getMeter('test'), {
      get: (_, method) => create(KINDS[String(method)] ?? `unknown: ${String(method)}`),
    })
    createInstruments(meter)
    expect(documented).toEqual(created)
  })

  it('lists the attributes of each instrument, and no others', async () => {
    const measured = useMetrics()
    const statusStream = () => iterate([stateAt('Loading', 0), stateAt('Ready', 9)])
    const list = async () => []
    const broken = fakePlatform({
      spawn: () => Promise.reject(new Error('broken')),
      statusStream: () => new Feed<never>().open(AbortSignal.abort(new Error('broken'))),
    })
    for (const platform of [fakePlatform({ spawn: loading, statusStream, list }), broken]) {
      const app = createApp({ platform })
      await app.send('/doc', POST)
      await app.send('/doc')
      await app.send('/doc/status').then((response) => response.text().catch(() => {}))
    }
    await vi.waitFor(async () => {
      const recorded = (await measured.read()).map(({ descriptor, dataPoints }) => [
        descriptor.name,
        [...new Set(dataPoints.flatMap((point) => Object.keys(point.attributes)))].sort(),
      ])
      const documented = rows.map(([, name, , , attributes = '']) => [
        name,
        [...attributes.matchAll(/`(.+?)`/g)]
          .map(([, attribute = '']) => (attribute.includes('.') ? attribute : `session_backend.${attribute}`))
          .sort(),
      ])
      expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(recorded))
    })
  })
})

/** The kinds of instruments, by the methods that create them. */
const KINDS: Readonly<Record<string, string>> = {
  createHistogram: 'histogram',
  createUpDownCounter: 'up-down counter',
  createCounter: 'counter',
  createObservableGauge: 'gauge',
}

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import { type PlaneOptions, plane } from '../src/plane.ts'
import { sendJson, startUpstream, type Upstream } from './support/upstream.ts'

const CONNECTED = {
  backend_id: 'ba-1',
  spawned: true,
  status: 'scheduled',
  token: 'secret',
  url: 'http://localhost:9090/secret/',
  subdomain: null,
  secret_token: 'more',
  status_url: 'http://127.0.0.1:8080/pub/b/ba-1/status',
  drone: 'dr-1',
}

function clientOf({ url: controllerUrl }: Upstream, options: Partial<PlaneOptions> = {}) {
  const client = plane({
    controllerUrl,
    executable: { image: 'registry.test:5000/acme/editor:v1' },
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

describe('Plane', () => {
  it('is asked for a static token, and is then sent no user', async () => {
    const upstream = await startUpstream(sendJson({ ...CONNECTED, secret_token: null }))
    const client = clientOf(upstream, { staticToken: true })
    const grant = { user: 'ada', auth: { role: 'writer' } }
    expect(await client.spawn({ lock: 'doc', grant })).toMatchObject({ url: CONNECTED.url })
    expect(client.sharesSessions).toBe(true)
    const { body } = upstream.received[0] ?? {}
    expect(body).toMatchObject({ spawn_config: { use_static_token: true } })
    expect(body).not.toHaveProperty('user')
    expect(body).not.toHaveProperty('auth')
  })

  it('is asked to connect with a key, what to start, and for whom', async () => {
    const upstream = await startUpstream(sendJson(CONNECTED))
    const session = await clientOf(upstream, {
      cluster: 'localhost:9090',
      tag: 'blue',
      lifetimeSeconds: 3600,
    }).spawn({
      lock: 'doc',
      tag: 'v2',
      gracePeriodSeconds: 60,
      env: { DOCUMENT: 'doc' },
      grant: { user: 'ada', auth: { role: 'writer' } },
    })
    expect(session).toEqual({
      name: 'ba-1',
      url: CONNECTED.url,
      // Plane has no ready page; requests to the backend wait until it is ready.
      readyUrl: CONNECTED.url,
      statusUrl: CONNECTED.status_url,
      status: 'Loading',
      spawned: true,
    })
    expect(upstream.received).toMatchObject([{ method: 'POST', path: '/ctrl/connect' }])
    expect(upstream.received[0]?.headers).not.toHaveProperty('authorization')
    expect(upstream.received[0]?.body).toEqual({
      key: { name: 'doc', namespace: 'editor', tag: 'blue' },
      spawn_config: {
        cluster: 'localhost:9090',
        executable: {
          image: 'registry.test:5000/acme/editor:v2',
          env: { DOCUMENT: 'doc', JAMSOCKET_SERVICE: 'editor' },
          resource_limits: {},
        },
        max_idle_seconds: 60,
        lifetime_limit_seconds: 3600,
      },
      user: 'ada',
      auth: { role: 'writer' },
    })
  })

  it('fetches by a connect that does not spawn', async () => {
    const upstream = await startUpstream(sendJson({ ...CONNECTED, spawned: false }))
    await clientOf(upstream).fetch({ lock: 'doc' })
    expect(upstream.received[0]?.body).toEqual({ key: { name: 'doc', namespace: 'editor', tag: '' } })
  })

  it('never sweeps faster than Plane reports connections', async () => {
    const upstream = await startUpstream(sendJson(CONNECTED))
    await clientOf(upstream).spawn({ lock: 'doc', gracePeriodSeconds: 0 })
    await clientOf(upstream).spawn({ lock: 'doc', gracePeriodSeconds: 20.2 })
    expect(upstream.received.map(({ body }) => Object(body).spawn_config.max_idle_seconds)).toEqual([15, 21])
  })

  it.each([
    [409, 'KeyUnheldNoSpawnConfig', 'not_running'],
    [404, 'NotFound', 'not_running'],
    [409, 'KeyHeld', 'platform_busy'],
    [500, 'KeyHeldUnhealthy', 'platform_busy'],
    [500, 'NoDroneAvailable', 'platform_busy'],
    [400, 'NoClusterProvided', 'platform_misconfigured'],
    [500, 'DatabaseError', 'platform_error'],
    [500, 'Other', 'platform_error'],
    [500, 'constructor', 'platform_error'],
  ])('answers %i %s, which is our %s', async (status, kind, code) => {
    const upstream = await startUpstream(sendJson({ id: 'x1', kind, message: 'A secret.' }, status))
    const error: unknown = await clientOf(upstream)
      .fetch({ lock: 'doc' })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, id: 'x1', cause: { status, code: kind } })
    expect(String(error)).not.toContain('A secret.')
  })

  it.each([{}, 'Bad Gateway'])('fails without a kind too, as a proxy before it may: %j', async (answer) => {
    const upstream = await startUpstream(sendJson(answer, 502))
    const fetching = clientOf(upstream).fetch({ lock: 'doc' })
    await expect(fetching).rejects.toMatchObject({ code: 'platform_error' })
  })

  it('is not waited for by a caller that leaves', async () => {
    const upstream = await startUpstream(() => {})
    const caller = new AbortController()
    const fetching = clientOf(upstream).fetch({ lock: 'doc' }, { signal: caller.signal })
    await vi.waitFor(() => expect(upstream.received).toHaveLength(1))
    const reason = new Error('left')
    caller.abort(reason)
    await expect(fetching).rejects.toBe(reason)
  })

  it.each([
    [500, 'FailedToAcquireKey'],
    [409, 'FailedToRemoveKey'],
  ])('is asked again when others were faster: %i %s', async (status, kind) => {
    let left = 4
    const upstream = await startUpstream((response, request) =>
      left-- > 0
        ? sendJson({ id: 'x1', kind, message: '' }, status)(response, request)
        : sendJson(CONNECTED)(response, request),
    )
    expect((await clientOf(upstream).spawn({ lock: 'doc' })).name).toBe('ba-1')
  })

  it('has 10 s for one call, including lost races', async () => {
    const clock = new FakeClock()
    const upstream = await startUpstream((response, request) => {
      if (upstream.received.length > 1) return
      clock.advance(6_000)
      sendJson({ id: 'x1', kind: 'FailedToRemoveKey', message: '' }, 409)(response, request)
    })
    const spawning = clientOf(upstream, { clock }).spawn({ lock: 'doc' })
    const outcome = expect(spawning).rejects.toMatchObject({ code: 'platform_timeout' })
    await vi.waitFor(() => {
      clock.advance(10)
      expect(upstream.received).toHaveLength(2)
    })
    clock.advance(4_000)
    expect(clock.pending).toBe(0)
    await outcome
  })

  it('is followed by its own stream, in our words and times', async () => {
    const time = Date.parse('2026-01-01T12:00:00Z')
    const upstream = await startUpstream((response, { path }) => {
      if (!path.endsWith('-stream'))
        return sendJson({ status: 'scheduled', time })(response, upstream.received[0] ?? expect.fail())
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const status of [
        'scheduled',
        'loading',
        'starting',
        'waiting',
        'ready',
        'terminating',
        'terminated',
      ]) {
        const reason = status.startsWith('termin') ? { termination_reason: 'swept' } : {}
        response.write(`id: ${status}\ndata: ${JSON.stringify({ status, time, ...reason })}\n\n`)
      }
      response.write(':\n\n')
    })
    const states = []
    for await (const state of clientOf(upstream).statusStream('ba-1')) states.push(state)
    expect(states).toEqual(
      ['Loading', 'Starting', 'Ready', 'Swept'].map((state) => ({ state, time: '2026-01-01T12:00:00.000Z' })),
    )
    expect(upstream.received.map(({ path }) => path)).toEqual([
      '/pub/b/ba-1/status',
      '/pub/b/ba-1/status-stream',
    ])
  })

  it('is sent the token with each request, also for statuses', async () => {
    const upstream = await startUpstream((response, request) => {
      if (!request.path.endsWith('-stream')) return sendJson({ status: 'ready', time: 0 })(response, request)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: ${JSON.stringify({ status: 'terminated', time: 0 })}\n\n`)
    })
    const stream = clientOf(upstream, { token: 'sekret' }).statusStream('ba-1')
    for await (const { state } of stream) expect(['Ready', 'Terminated']).toContain(state)
    expect(upstream.received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/pub/b/ba-1/status', 'Bearer sekret'],
      ['/pub/b/ba-1/status-stream', 'Bearer sekret'],
    ])
  })

  it('goes on after the status that was received when the stream is cut', async () => {
    const time = Date.now()
    let streams = 0
    const upstream = await startUpstream((response, request) => {
      if (!request.path.endsWith('-stream')) return sendJson({ status: 'scheduled', time })(response, request)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const status = streams++ === 0 ? 'waiting' : 'terminated'
      response.end(`id: ${status}\ndata: ${JSON.stringify({ status, time, exit_error: true })}\n\n`)
    })
    const states = []
    for await (const { state } of clientOf(upstream).statusStream('ba-1')) states.push(state)
    // Told by what came before the cut.
    expect(states).toEqual(['Starting', 'ErrorStarting'])
    expect(upstream.received.at(-1)?.headers['last-event-id']).toBe('waiting')
  })

  it('terminates softly, or at once', async () => {
    const upstream = await startUpstream(sendJson(null))
    const client = clientOf(upstream, { token: 'sekret' })
    await client.terminate('ba-1')
    await client.terminate('ba-1', { hard: true })
    expect(upstream.received).toMatchObject([
      { path: '/ctrl/b/ba-1/soft-terminate', headers: { authorization: 'Bearer sekret' } },
      { path: '/ctrl/b/ba-1/hard-terminate' },
    ])
  })

  it.each([
    ['editor', 'editor'],
    ['editor:v1', 'editor'],
    ['registry.test:5000/acme/editor', 'editor'],
    ['acme/editor@sha256:0123', 'editor'],
  ])('names the service of %s %s', (image, service) => {
    expect(plane({ controllerUrl: 'http://plane:8080', executable: { image } }).service).toBe(service)
  })
})

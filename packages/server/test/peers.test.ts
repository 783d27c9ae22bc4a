import { createMockPlatform } from '@session-backend/mock-platform'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import { createSessionBackends, jamsocket } from '../src/index.ts'
import { clientOf } from './support/client.ts'
import { startGate } from './support/gate.ts'
import { BACKEND, SESSION, sendJson, startUpstream } from './support/upstream.ts'

/** What others get wrong, one test for each: all of it is tested in more depth where it belongs. */

/** Lets time pass whenever somebody waits for it, until the promise settles. */
async function passing<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let settled = false
  const done = promise.finally(() => {
    settled = true
  })
  while (!settled) {
    clock.advance(1_000)
    await new Promise(setImmediate)
  }
  return done
}

describe('streams of the platform', () => {
  it('are retried without a limit: the sixth attempt is as good as the first', async () => {
    const clock = new FakeClock()
    const upstream = await startUpstream((response, request) => {
      if (upstream.received.length < 6) return sendJson({}, 500)(response, request)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('data:{"state":"Exited","time":"2026-01-01T12:00:00Z"}\n\n')
    })
    const states = clientOf(upstream, { clock }).statusStream('8nyg2')[Symbol.asyncIterator]()
    expect(await passing(clock, states.next())).toMatchObject({ value: { state: 'Exited' } })
    expect(upstream.received).toHaveLength(6)
  })

  it('tell when they fail for good, instead of going silent', async () => {
    const upstream = await startUpstream(sendJson({}, 404))
    const states = clientOf(upstream).statusStream('8nyg2')[Symbol.asyncIterator]()
    await expect(states.next()).rejects.toMatchObject({ code: 'not_running' })
  })

  it.each(['statusStream', 'logs'] as const)(
    'leave nothing open when %s is left during its first request',
    async (stream) => {
      const clock = new FakeClock()
      const upstream = await startUpstream(() => {})
      const leaving = new AbortController()
      const items = clientOf(upstream, { clock })
        [stream]('8nyg2', { signal: leaving.signal })
        [Symbol.asyncIterator]()
      const next = items.next()
      await vi.waitFor(() => expect(upstream.received).toHaveLength(1))
      leaving.abort(new Error('left'))
      await expect(next).rejects.toThrow('left')
      await upstream.closed()
      expect(clock.pending).toBe(0)
    },
  )

  it.each(['statusStream', 'logs'] as const)(
    'leave no timer when %s is left between two attempts',
    async (stream) => {
      const clock = new FakeClock()
      const upstream = await startUpstream(sendJson({}, 500))
      const leaving = new AbortController()
      const items = clientOf(upstream, { clock })
        [stream]('8nyg2', { signal: leaving.signal })
        [Symbol.asyncIterator]()
      const next = items.next()
      await vi.waitFor(() => expect([upstream.received.length, clock.pending]).toEqual([1, 1]))
      await upstream.closed()
      leaving.abort(new Error('left'))
      await expect(next).rejects.toThrow('left')
      expect(clock.pending).toBe(0)
    },
  )
})

describe('answers of the platform', () => {
  it.each(['null', '[null]', '{"name":null}'])('that are %s crash nothing', async (answer) => {
    const upstream = await startUpstream((response) => response.end(answer))
    await expect(clientOf(upstream).spawn()).rejects.toMatchObject({ code: 'platform_error' })
    await expect(clientOf(upstream).status('8nyg2')).rejects.toMatchObject({ code: 'platform_error' })
  })

  it('may contain null fields and unknown fields', async () => {
    const upstream = await startUpstream(
      sendJson({ ...BACKEND, termination_reason: null, next: { version: 3 } }),
    )
    expect(await clientOf(upstream).spawn()).toEqual(SESSION)
  })

  it('keep what they say about an error: status, code, message, id and Retry-After', async () => {
    const error = { message: 'Too many backends.', code: 'TooMany', id: 'e1', status: 429 }
    const upstream = await startUpstream(sendJson({ error }, 429, { 'retry-after': '7' }))
    await expect(clientOf(upstream).spawn()).rejects.toMatchObject({
      code: 'platform_busy',
      retryAfter: 7,
      id: 'e1',
      cause: error,
    })
  })
})

describe('requests to the platform', () => {
  it('keep a grace period of 0 seconds', async () => {
    const upstream = await startUpstream()
    await clientOf(upstream).spawn({ gracePeriodSeconds: 0 })
    expect(upstream.received).toMatchObject([{ body: { grace_period_seconds: 0 } }])
  })

  it('encode what they put into a path', async () => {
    const upstream = await startUpstream()
    await clientOf(upstream, { account: 'a/b', service: '?' }).spawn()
    expect(upstream.received).toMatchObject([{ path: '/user/a%2Fb/service/%3F/spawn' }])
  })
})

describe('features that no peer has', () => {
  async function startApp() {
    const platform = await createMockPlatform({
      services: {
        editor: { serve: () => {} },
        broken: {
          serve: (_, { log }) => {
            log('Error: no database')
            throw new Error('no database')
          },
        },
      },
    })
    onTestFinished(() => platform.close())
    const gate = await startGate(platform.url)
    onTestFinished(() => gate.close())
    const appOf = (service: string) => {
      const { account, token } = platform
      const app = createSessionBackends({
        platform: jamsocket({ account, token, service, apiUrl: gate.url }),
        authorize: () => true,
        startupLog: true,
      })
      onTestFinished(() => app.close())
      return (path: string, init?: RequestInit) =>
        app.handle(new Request(`http://app.test/api/sessions${path}`, init))
    }
    return { gate, platform, appOf }
  }

  it('a status relay that follows a backend once, however many browsers do', async () => {
    const { gate, appOf } = await startApp()
    const send = appOf('editor')
    await send('/doc', { method: 'POST' })
    // The app may still follow the start of the backend.
    await vi.waitFor(
      async () => {
        expect(await (await send('/doc')).json()).toMatchObject({ status: 'Ready' })
        expect([gate.begun('/status/stream'), gate.open('/status/stream')]).toEqual([1, 0])
      },
      { timeout: 10_000 },
    )
    const before = gate.begun('/status/stream')
    const followers = await Promise.all(Array.from({ length: 25 }, () => send('/doc/status')))
    await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(1), { timeout: 10_000 })
    expect(gate.begun('/status/stream')).toBe(before + 1)
    await Promise.all(followers.map(({ body }) => body?.cancel()))
    await vi.waitFor(() => expect(gate.open('/status/stream')).toBe(0))
  })

  it('a timeline of a start, and of a start that failed its cause', async () => {
    const { appOf } = await startApp()
    const send = appOf('broken')
    const opened = await send('/doc', { method: 'POST' })
    expect(opened.status).toBe(200)
    const text = await (await send('/doc/status')).text()
    const timelines = [...text.matchAll(/^event: timeline\ndata: (.+)$/gm)].map(([, data = '']) =>
      JSON.parse(data),
    )
    expect(timelines.at(-1)).toMatchObject({
      statuses: [{ state: 'Loading', elapsed: 0 }, { state: 'Starting' }, { state: 'ErrorStarting' }],
      log: expect.arrayContaining(['Error: no database']),
    })
  })

  it('single flight: a storm of openings of one document is one call', async () => {
    const { gate, appOf } = await startApp()
    const send = appOf('editor')
    const answers = await Promise.all(Array.from({ length: 50 }, () => send('/doc', { method: 'POST' })))
    const sessions = await Promise.all(answers.map((answer) => answer.json()))
    expect(new Set(sessions.map(({ name }) => name)).size).toBe(1)
    expect(sessions.filter(({ spawned }) => spawned)).toHaveLength(1)
    expect(gate.begun('/spawn')).toBe(1)
  })
})

import { setImmediate } from 'node:timers/promises'
import { type Clock, encodeEvent, type SessionBackendError } from '@session-backend/core'
import { describe, expect, it } from 'vitest'
import { followStatus } from '../../src/status/follow-status.ts'
import { platformStatus } from '../../src/status/platform-status.ts'
import { pollStatus } from '../../src/status/poll-status.ts'
import { relayStatus } from '../../src/status/relay-status.ts'
import type { StatusRequest, StatusSource } from '../../src/status/source.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

const session = {
  name: 'one',
  url: 'https://one.test/',
  readyUrl: 'https://api.test/ready',
  statusUrl: 'https://api.test/status',
  status: 'Ready',
  spawned: false,
} as const

/** A request whose answers come in this order, in a world where waits are over at once; `asked` tells what was asked. */
function answering(...answers: Response[]) {
  const asked: string[] = []
  const fetch = async (input: URL | RequestInfo, init?: RequestInit) => {
    asked.push(`${init?.method ?? 'GET'} ${String(input)}`)
    return answers.shift() ?? expect.fail('There is no further answer.')
  }
  const { signal } = new AbortController()
  const steady: Clock = { now: () => 0, after: () => () => {} }
  const clock: Clock = {
    now: () => 0,
    after(_, callback) {
      queueMicrotask(callback)
      return () => {}
    },
    steady,
  }
  const request = {
    endpoint: '/api/sessions',
    documentId: 'doc',
    signal,
    fetch,
    session,
    clock,
    random: () => 0,
  }
  return { asked, request }
}

const state = (state: string) => Response.json({ state, time: '2026-01-01T00:00:00Z' })

/** What is learned of a backend, and what kept it from being learned. */
async function follow(source: StatusSource, request: StatusRequest) {
  const [seen, problems]: string[][] = [[], []]
  for await (const { state } of followStatus(source, request, ({ code }) => problems?.push(code))) {
    seen?.push(state)
  }
  return { seen, problems }
}

describe("the app's relay", () => {
  it('reads one status from the route that fetches the session', async () => {
    const { asked, request } = answering(Response.json({ ...session, status: 'Swept' }))
    expect(await relayStatus.read(request)).toEqual({ state: 'Swept' })
    expect(asked).toEqual(['GET /api/sessions/doc'])
  })

  it('tells that a backend is lost if the document has another one now', async () => {
    const { request } = answering(Response.json({ ...session, name: 'two' }))
    expect(await relayStatus.read(request)).toEqual({ state: 'Lost' })
  })

  it('is asked for its stream if no backend is running, because only the stream says how the last one ended', async () => {
    const events = encodeEvent({ data: JSON.stringify({ state: 'Exited', time: timeAt(0), backend: 'one' }) })
    const stream = new Response(events, { headers: { 'content-type': 'text/event-stream' } })
    const { asked, request } = answering(new Response(null, { status: 404 }), stream)
    const endpoint = 'https://app.test/api/sessions'
    expect(await relayStatus.read({ ...request, endpoint })).toEqual({ state: 'Exited' })
    expect(asked).toEqual([`GET ${endpoint}/doc`, `GET ${endpoint}/doc/status`])
  })

  it('is asked again if the `headers` function never resolves', async () => {
    const { options, clock, exchanges } = createWorld()
    const { signal } = new AbortController()
    const tokens = [new Promise<never>(() => {}), { token: 'fresh' }]
    const request = {
      ...options,
      endpoint: 'https://app.test/api/sessions',
      documentId: 'doc',
      signal,
      session: sessionOf('a'),
      headers: async () => (await tokens.shift()) ?? expect.fail('There is no further token.'),
    }
    const step = followStatus(relayStatus, request, () => {}).next()
    await setImmediate()
    clock.advance(6000)
    await setImmediate()
    expect(exchanges.map(({ headers }) => headers.get('token'))).toEqual(['fresh'])
    exchanges[0]?.reply(sessionOf('a', 'Ready'))
    expect(await step).toMatchObject({ value: { state: 'Ready' } })
  })
})

describe('a stream', () => {
  it('is closed within 10 s if it is blocked, and the status is polled instead', async () => {
    const { options, clock, exchanges, looks } = createWorld()
    const { signal } = new AbortController()
    const problems: SessionBackendError[] = []
    const request = { ...options, documentId: 'doc', signal, session: sessionOf('a') }
    const step = followStatus(platformStatus, request, (problem) => problems.push(problem)).next()
    for (let second = 0; second < 10 && looks().length === 0; second++) {
      await setImmediate()
      for (const { url, isOpen, fail } of exchanges)
        if (isOpen && url.endsWith('/stream')) fail.call(exchanges.at(-1))
      clock.advance(1000)
      await setImmediate()
    }
    expect(problems).toMatchObject([{ code: 'bad_stream', cause: { message: 'fetch failed' } }])
    looks()[0]?.reply({ state: 'Ready', time: timeAt(0) })
    expect(await step).toMatchObject({
      value: { state: 'Ready', timeline: { statuses: [{ state: 'Ready' }] } },
    })
  })

  it('is closed if it brings no bytes', async () => {
    const { options, clock, looks, streams } = createWorld()
    const { signal } = new AbortController()
    const request = { ...options, documentId: 'doc', signal, session: sessionOf('a') }
    void followStatus(platformStatus, request, () => {}).next()
    await setImmediate()
    clock.advance(6000)
    await setImmediate()
    expect(streams()).toMatchObject([{ isOpen: false }])
    expect(looks()).toHaveLength(1)
  })

  it.each([
    ['is a page', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['has no body to read, as in React Native', new Response(null)],
  ])('that %s is not asked for again: the status is read', async (_, answer) => {
    const { request } = answering(answer, state('Ready'), state('Exited'))
    expect(await follow(platformStatus, request)).toEqual({
      seen: ['Ready', 'Exited'],
      problems: ['bad_stream'],
    })
  })

  it('ignores the statuses of another backend, which a cache may send', async () => {
    const events = ['Failed', 'Exited'].map((state, number) =>
      encodeEvent({ data: JSON.stringify({ state, time: timeAt(0), backend: number ? 'one' : 'two' }) }),
    )
    const stream = new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } })
    const { request } = answering(stream)
    expect((await follow(platformStatus, request)).seen).toEqual(['Exited'])
  })
})

describe('polling', () => {
  it('reads again if the platform is busy, and tells each step forward once', async () => {
    const busy = new Response(null, { status: 503 })
    const { request } = answering(state('Loading'), busy, state('Loading'), state('Ready'), state('Exited'))
    expect(await follow(pollStatus, request)).toEqual({
      seen: ['Loading', 'Ready', 'Exited'],
      problems: ['platform_error'],
    })
  })

  it.each([
    ['an error', new Response(null, { status: 500 })],
    ['garbage', new Response('<html>')],
    ['a status that it does not know', state('Dreaming')],
    ['of another backend', Response.json({ state: 'Failed', time: '2026-01-01T00:00:00Z', backend: 'two' })],
  ])('reads again if the answer is %s', async (_, answer) => {
    const { request } = answering(state('Loading'), answer, state('Exited'))
    expect((await follow(pollStatus, request)).seen).toEqual(['Loading', 'Exited'])
  })

  it('reads again if there is no answer for 30 s', async () => {
    const { options, clock, looks } = createWorld()
    const { signal } = new AbortController()
    const request = { ...options, documentId: 'doc', signal, session: sessionOf('a') }
    const first = followStatus(pollStatus, request, () => {}).next()
    await setImmediate()
    clock.advance(30_000)
    await setImmediate()
    expect(looks()).toMatchObject([{ isOpen: false }])
    clock.advance(2000)
    await setImmediate()
    looks()[1]?.reply({ state: 'Starting', time: timeAt(0) })
    expect(await first).toMatchObject({ value: { state: 'Starting' } })
  })

  it.each([401, 403, 404, 410])('ends if the platform answers %i', async (status) => {
    const { request } = answering(new Response(null, { status }))
    await expect(follow(pollStatus, request)).rejects.toMatchObject({ status })
  })
})

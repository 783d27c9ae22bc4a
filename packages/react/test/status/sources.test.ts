import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@session-backend/core'
import { describe, expect, it } from 'vitest'
import { pollStatus } from '../../src/status/poll-status.ts'
import { relayStatus } from '../../src/status/relay-status.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

const session = {
  name: 'one',
  url: 'https://one.test/',
  readyUrl: 'https://api.test/ready',
  statusUrl: 'https://api.test/status',
  status: 'Ready',
  spawned: false,
} as const

/** Waits between two looks are over at once, and the time for an answer never. */
const hastyClock: Clock = {
  now: () => 0,
  after(ms, callback) {
    if (ms === 2000) queueMicrotask(callback)
    return () => {}
  },
}

/** A request whose answers come in this order; `asked` tells what was asked for. */
function answering(...answers: Response[]) {
  const asked: string[] = []
  const fetch = async (input: URL | RequestInfo, init?: RequestInit) => {
    asked.push(`${init?.method ?? 'GET'} ${String(input)}`)
    return answers.shift() ?? expect.fail('There is no further answer.')
  }
  const { signal } = new AbortController()
  const request = { endpoint: '/api/sessions', documentId: 'doc', signal, fetch, session }
  return { asked, request: { ...request, clock: hastyClock, random: () => 0 } }
}

const state = (state: string) => Response.json({ state, time: '2026-01-01T00:00:00Z' })

describe("the app's relay", () => {
  it('tells one status by the route that fetches the session', async () => {
    const { asked, request } = answering(Response.json({ ...session, status: 'Swept' }))
    expect(await relayStatus.read(request)).toEqual({ state: 'Swept' })
    expect(asked).toEqual(['GET /api/sessions/doc'])
  })

  it('is asked again where the headers for it never come', async () => {
    const { options, clock, exchanges } = createWorld()
    const { signal } = new AbortController()
    const tokens = [new Promise<never>(() => {}), { token: 'fresh' }]
    const request = {
      ...options,
      documentId: 'doc',
      signal,
      session: sessionOf('a'),
      headers: async () => (await tokens.shift()) ?? expect.fail('There is no further token.'),
    }
    const first = relayStatus.follow({ ...request, endpoint: 'https://app.test/api/sessions' })
    const step = first[Symbol.asyncIterator]().next()
    await setImmediate()
    clock.advance(30_000)
    await setImmediate()
    clock.advance(500)
    await setImmediate()
    expect(exchanges.map(({ headers }) => headers.get('token'))).toEqual(['fresh'])
    exchanges[0]?.tell('Ready')
    expect(await step).toMatchObject({ value: { status: 'Ready' } })
  })
})

describe('polling', () => {
  it('looks again where the platform is busy, and tells each step forward once', async () => {
    const busy = new Response(null, { status: 503 })
    const { request } = answering(state('Loading'), busy, state('Loading'), state('Ready'), state('Exited'))
    const seen = []
    for await (const { status } of pollStatus.follow(request)) seen.push(status)
    expect(seen).toEqual(['Loading', 'Ready', 'Exited'])
  })

  it.each([
    ['an error', new Response(null, { status: 500 })],
    ['garbage', new Response('<html>')],
    ['a status that it does not know', state('Dreaming')],
  ])('looks again where the answer is %s', async (_, answer) => {
    const { request } = answering(state('Loading'), answer, state('Exited'))
    const seen = []
    for await (const { status } of pollStatus.follow(request)) seen.push(status)
    expect(seen).toEqual(['Loading', 'Exited'])
  })

  it('looks again where there is no answer for 30 s', async () => {
    const { options, clock, looks } = createWorld()
    const { signal } = new AbortController()
    const request = { ...options, documentId: 'doc', signal, session: sessionOf('a') }
    const first = pollStatus.follow(request)[Symbol.asyncIterator]().next()
    await setImmediate()
    clock.advance(30_000)
    await setImmediate()
    expect(looks()).toMatchObject([{ isOpen: false }])
    clock.advance(2000)
    await setImmediate()
    looks()[1]?.reply({ state: 'Starting', time: timeAt(0) })
    expect(await first).toMatchObject({ value: { status: 'Starting' } })
  })

  it.each([401, 403, 404, 410])('ends where the platform answers %i', async (status) => {
    const { request } = answering(new Response(null, { status }))
    const first = pollStatus.follow(request)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ status })
  })
})

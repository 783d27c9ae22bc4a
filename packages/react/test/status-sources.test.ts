import type { Clock } from '@session-backend/core'
import { describe, expect, it } from 'vitest'
import { pollStatus } from '../src/status/poll-status.ts'
import { relayStatus } from '../src/status/relay-status.ts'

const session = {
  name: 'one',
  url: 'https://one.test/',
  readyUrl: 'https://api.test/ready',
  statusUrl: 'https://api.test/status',
  status: 'Ready',
  spawned: false,
} as const

/** Waits are over at once. */
const hastyClock: Clock = {
  now: () => 0,
  after(_ms, callback) {
    queueMicrotask(callback)
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
})

describe('polling', () => {
  it('looks again where the platform is busy, and tells each step forward once', async () => {
    const busy = new Response(null, { status: 503 })
    const { request } = answering(state('Loading'), busy, state('Loading'), state('Ready'), state('Exited'))
    const seen = []
    for await (const { status } of pollStatus.follow(request)) seen.push(status)
    expect(seen).toEqual(['Loading', 'Ready', 'Exited'])
  })

  it('ends where nobody knows the backend', async () => {
    const { request } = answering(new Response(null, { status: 404 }))
    const first = pollStatus.follow(request)[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ status: 404 })
  })
})

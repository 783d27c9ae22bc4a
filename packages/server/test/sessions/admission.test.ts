import { SessionBackendError } from '@session-backend/core'
import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { Limits } from '../../src/sessions/limits.ts'
import { codeOf, createApp, POST } from '../support/backends.ts'
import { deferred } from '../support/deferred.ts'
import { Feed, fakePlatform, sessionOf, stateAt } from '../support/fake-platform.ts'

const as = (user: string) => ({ ...POST, headers: { 'x-user': user } })

function setUp(
  limits: Limits,
  parts: Parameters<typeof fakePlatform>[0] = {},
  options: Parameters<typeof createApp>[0] = {},
) {
  const clock = new FakeClock()
  const statuses = new Feed<ReturnType<typeof stateAt>>()
  const running = new Map<string, ReturnType<typeof sessionOf>>()
  const notRunning = new SessionBackendError('not_running', 'No backend holds this lock.')
  const platform = fakePlatform({
    fetch: async ({ lock }) => running.get(lock) ?? Promise.reject(notRunning),
    async spawn({ lock }) {
      const existing = running.get(lock)
      if (existing) return existing
      await new Promise(setImmediate)
      running.set(lock, sessionOf(`of-${lock}`, { spawned: false }))
      return sessionOf(`of-${lock}`)
    },
    statusStream: (_, { signal } = {}) => statuses.open(signal),
    ...parts,
  })
  return { clock, statuses, app: createApp({ platform, limits, clock, ...options }) }
}

describe('a limit of spawns per user', () => {
  const limits = { spawnsPerUser: { max: 2, seconds: 60 } }

  it('refuses what goes beyond it, until the window has passed', async () => {
    const { app, clock } = setUp(limits)
    expect((await app.send('/a', as('ann'))).status).toBe(200)
    clock.advance(20_000)
    expect((await app.send('/b', as('ann'))).status).toBe(200)
    const refused = await app.send('/c', as('ann'))
    expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
      429,
      '40',
      'too_many_requests',
    ])
    clock.advance(40_000)
    expect((await app.send('/c', as('ann'))).status).toBe(200)
    expect((await app.send('/d', as('ann'))).status).toBe(429)
  })

  it('is its own for each user', async () => {
    const { app } = setUp(limits)
    for (const path of ['/a', '/b']) await app.send(path, as('ann'))
    expect((await app.send('/c', as('ann'))).status).toBe(429)
    expect((await app.send('/c', as('ben'))).status).toBe(200)
  })

  it('answers with the failure of the platform if that hides whether the backend runs', async () => {
    const failure = new SessionBackendError('platform_error', 'no')
    const { app } = setUp(limits, { fetch: () => Promise.reject(failure) })
    for (const path of ['/a', '/b']) await app.send(path, as('ann'))
    const answer = await app.send('/c', as('ann'))
    expect([answer.status, await codeOf(answer)]).toEqual([502, 'platform_error'])
  })

  it('does not keep a user from what runs already, nor count it', async () => {
    const { app } = setUp(limits)
    for (const path of ['/a', '/b']) await app.send(path, as('ann'))
    for (let times = 0; times < 5; times++) expect((await app.send('/a', as('ann'))).status).toBe(200)
    for (let times = 0; times < 5; times++) expect((await app.send('/b', as('ben'))).status).toBe(200)
    expect((await app.send('/d', as('ben'))).status).toBe(200)
  })

  it('counts a storm of openings of one document as one', async () => {
    const { app } = setUp({ spawnsPerUser: { max: 1, seconds: 60 } })
    const answers = await Promise.all(Array.from({ length: 10 }, () => app.send('/a', as('ann'))))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect((await app.send('/b', as('ann'))).status).toBe(429)
  })

  it.each([true, false])(
    'counts what was spawned for a client that left while it was (sessions shared: %s)',
    async (sharesSessions) => {
      const reached = deferred<void>()
      const { app } = setUp(
        { spawnsPerUser: { max: 1, seconds: 60 } },
        {
          sharesSessions,
          async spawn({ lock }, { signal } = {}) {
            reached.resolve()
            await new Promise(setImmediate)
            if (signal?.aborted) throw signal.reason
            return sessionOf(`of-${lock}`)
          },
        },
      )
      const client = new AbortController()
      const opening = app.send('/a', { ...as('ann'), signal: client.signal })
      await reached.promise
      client.abort()
      await opening
      expect((await app.send('/b', as('ann'))).status).toBe(429)
    },
  )

  it('spawns nothing for a client that has left before', async () => {
    const { app } = setUp(limits)
    const client = new AbortController()
    client.abort()
    await expect(
      app.connect('a', { request: new Request('http://app.test/', { signal: client.signal }) }),
    ).rejects.toThrow()
    expect(app.platform.calls).toEqual([])
  })

  it('does not count what failed', async () => {
    const failure = new SessionBackendError('platform_error', 'no')
    const { app } = setUp(
      { spawnsPerUser: { max: 1, seconds: 60 } },
      { spawn: () => Promise.reject(failure) },
    )
    for (let times = 0; times < 3; times++) expect((await app.send('/a', as('ann'))).status).toBe(502)
  })
})

describe('a limit of running backends', () => {
  it('refuses more, until one has ended', async () => {
    const { app, statuses } = setUp({ running: 1 })
    expect((await app.send('/a', as('ann'))).status).toBe(200)
    expect((await app.send('/a', as('ben'))).status).toBe(200)
    const refused = await app.send('/b', as('ben'))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    statuses.push(stateAt('Swept', 0))
    statuses.end()
    await vi.waitFor(async () => expect((await app.send('/b', as('ben'))).status).toBe(200))
  })

  it('counts a backend once, also while its document is opened again', async () => {
    const { app } = setUp({ running: 2 })
    await app.send('/a', as('ann'))
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => app.send(path, as('ben'))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  })

  it('counts spawns from before they are made', async () => {
    const { app } = setUp({ running: 2 })
    const answers = await Promise.all(['/a', '/b', '/c'].map((path) => app.send(path, as('ann'))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429])
  })
})

describe('a spawn that hangs', () => {
  it('keeps nobody else waiting, and gives its slot back', async () => {
    const hanging = new Promise<never>(() => {})
    const spawn = vi.fn(({ documentId }: { documentId: string }) => (documentId === 'a' ? hanging : {}))
    const { app, clock } = setUp({ running: 1 }, {}, { spawn })
    const client = new AbortController()
    const leaving = app.send('/a', { ...as('ann'), signal: client.signal })
    await vi.waitFor(() => expect(spawn).toHaveBeenCalled())
    client.abort()
    await leaving
    const staying = app.send('/a', as('ben'))
    expect((await app.send('/b', as('ben'))).status).toBe(429)
    clock.advance(10_000)
    expect((await staying).status).toBe(500)
    await vi.waitFor(async () => expect((await app.send('/b', as('ben'))).status).toBe(200))
  })
})

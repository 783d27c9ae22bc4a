import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { codeOf, createApp, POST } from '../support/backends.ts'
import { deferred } from '../support/deferred.ts'
import { fakePlatform, sessionOf } from '../support/fake-platform.ts'

const as = (user: string) => ({ ...POST, headers: { 'x-user': user } })

describe('simultaneous openings of one document', () => {
  it('are one call to the platform, made for no user in particular', async () => {
    const app = createApp()
    const answers = await Promise.all(['ann', 'ben', 'cy'].map((user) => app.send('/doc', as(user))))
    const sessions = await Promise.all(answers.map((answer) => answer.json()))
    expect(app.platform.calls).toEqual([{ name: 'spawn', request: { lock: 'editor/doc' } }])
    expect(sessions.map(({ spawned }) => spawned)).toEqual([true, false, false])
    expect(new Set(sessions.map(({ url }) => url)).size).toBe(1)
  })

  it('are coalesced after authorization: a user without access gets nothing of the call under way', async () => {
    const { promise, resolve } = deferred<ReturnType<typeof sessionOf>>()
    const app = createApp({
      platform: fakePlatform({ spawn: () => promise }),
      authorize: ({ request }) => request.headers.get('x-user') !== 'mallory',
    })
    const alice = app.send('/doc', as('alice'))
    await vi.waitFor(() => expect(app.platform.calls).toHaveLength(1))
    const mallory = app.send('/doc', as('mallory'))
    resolve(sessionOf('b1'))
    expect((await alice).status).toBe(200)
    expect(await (await mallory).text()).not.toContain('b1')
    expect((await mallory).status).toBe(403)
  })

  it('are one call for all the apps of a process that are on one platform', async () => {
    const platform = fakePlatform()
    const apps = [createApp({ platform }), createApp({ platform })]
    await Promise.all(apps.map((app) => app.send('/doc', POST)))
    expect(platform.calls).toHaveLength(1)
  })

  it('go on for the others when one client leaves', async () => {
    const { promise, resolve } = deferred<ReturnType<typeof sessionOf>>()
    const app = createApp({ platform: fakePlatform({ spawn: () => promise }) })
    const client = new AbortController()
    const leaving = app.send('/doc', { ...POST, signal: client.signal })
    const staying = app.send('/doc', POST)
    await vi.waitFor(() => expect(app.platform.calls).toHaveLength(1))
    client.abort()
    await leaving
    resolve(sessionOf('b1'))
    expect(await (await staying).json()).toMatchObject({ name: 'b1', spawned: true })
    expect(app.log).toEqual([])
  })

  it('spawn what depends on the document, and never on what the browser says', async () => {
    const app = createApp({
      spawn: ({ documentId }) => ({ tag: 'v2', gracePeriodSeconds: 0, env: { DOCUMENT: documentId } }),
    })
    const body = JSON.stringify({
      tag: 'evil',
      env: { DOCUMENT: 'other' },
      lock: 'other',
      gracePeriodSeconds: 9,
    })
    await app.send('/doc', { ...POST, body, headers: { 'content-type': 'application/json' } })
    expect(app.platform.calls).toEqual([
      {
        name: 'spawn',
        request: { lock: 'editor/doc', tag: 'v2', gracePeriodSeconds: 0, env: { DOCUMENT: 'doc' } },
      },
    ])
  })
})

// What Plane needs: each connection carries a token of its user's own.
describe('a platform whose sessions are not shared', () => {
  /** Answers with a token that names its user, after as many turns as the test likes. */
  function personalPlatform(turns: (user: string) => number = () => 0) {
    const answer = async (request: { lock: string; grant?: { user?: string | undefined } | undefined }) => {
      const user = request.grant?.user ?? 'nobody'
      for (let turn = turns(user); turn > 0; turn--) await Promise.resolve()
      return sessionOf('b1', { url: `https://b1.example.test/token-of-${user}/`, spawned: false })
    }
    return fakePlatform({ sharesSessions: false, spawn: answer, fetch: answer })
  }

  it('is asked once for each user, with the grant and the time when it was given', async () => {
    const grant = { user: 'ann', auth: { role: 'editor' } }
    const app = createApp({ platform: personalPlatform(), authorize: () => grant, terminate: true })
    await Promise.all([app.send('/doc', POST), app.send('/doc', POST), app.send('/doc')])
    await app.connect('doc', { request: new Request('http://app.test/') })
    await app.send('/doc', { method: 'DELETE' })
    const auth = { role: 'editor', 'session-backend-authorized-at': expect.any(Number) }
    const request = { lock: 'editor/doc', grant: { user: 'ann', auth } }
    expect(app.platform.calls).toHaveLength(5)
    for (const call of app.platform.calls) expect(call.request).toEqual(request)
  })

  it('never shows one user the answer of another, however they race', async () => {
    const visit = fc.record({
      user: fc.constantFrom('ann', 'ben', 'cy'),
      method: fc.constantFrom('GET', 'POST'),
      turns: fc.nat(5),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 2, maxLength: 12 }), async (visits) => {
        const turns = new Map<string, number>(visits.map(({ user, turns }) => [user, turns]))
        const app = createApp({ platform: personalPlatform((user) => turns.get(user) ?? 0) })
        const answers = await Promise.all(
          visits.map(({ user, method }) => app.send('/doc', { method, headers: { 'x-user': user } })),
        )
        for (const [index, answer] of answers.entries()) {
          expect((await answer.json()).url).toContain(`token-of-${visits[index]?.user}/`)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('connect', () => {
  it('gives a server-rendered page what the route would answer', async () => {
    const app = createApp()
    const request = new Request('http://app.test/page', { headers: { 'x-user': 'ann' } })
    const session = await app.connect('doc', { request })
    expect(session).toMatchObject({ name: 'b1', spawned: true })
    const answer = await app.send('/doc', { headers: { 'x-user': 'ann' } })
    expect(await answer.json()).toEqual({ ...session, spawned: false })
  })

  it('fails as the route does, without anything of the platform', async () => {
    const app = createApp({ platform: fakePlatform({ spawn: () => Promise.reject(new Error('sekret')) }) })
    const failure = await app.connect('doc', { request: new Request('http://app.test/') }).catch((e) => e)
    expect(failure).toMatchObject({ code: 'internal', message: 'Something went wrong on the server.' })
    expect(await codeOf(await app.send('/doc', POST))).toBe('internal')
  })

  it('is given up when the request is', async () => {
    const spawn = vi.fn(
      (_: object, { signal }: { signal?: AbortSignal | undefined } = {}) =>
        new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    )
    const app = createApp({ platform: fakePlatform({ spawn }) })
    const client = new AbortController()
    const call = app.connect('doc', { request: new Request('http://app.test/', { signal: client.signal }) })
    await vi.waitFor(() => expect(spawn).toHaveBeenCalled())
    client.abort()
    await expect(call).rejects.toThrow()
    expect(app.log).toEqual([])
  })
})

import { runInNewContext } from 'node:vm'
import { SessionBackendError } from '@session-backend/core'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { createSessionBackends, type SessionBackendsOptions } from '../../src/index.ts'
import type { Authorize, AuthorizeContext } from '../../src/request/authorize.ts'
import { codeOf, createApp, POST } from '../support/backends.ts'
import { deferred } from '../support/deferred.ts'
import { fakePlatform } from '../support/fake-platform.ts'

/** What an app without types may return. */
const returning = (value: unknown) => (() => value) as Authorize

/** What an `authorize` may come to that is no yes, by mistake or by intention. */
const NO: [string, unknown][] = [
  ['false', false],
  ['null', null],
  ['undefined', undefined],
  ['0', 0],
  ['an empty string', ''],
  ['a string', 'yes'],
  ['a number', 1],
  ['a list', [true]],
  ['a function', () => true],
  ['a Response', new Response(null, { status: 401 })],
  ['a Response that says yes', Response.json({ user: 'alice' })],
  ['an Error', new Error('no')],
  ['an Error of another realm', runInNewContext('new Error("no")')],
  ['an error of ours with another code', new SessionBackendError('platform_error', 'no')],
  ['an object with an error', { error: 'not signed in' }],
  ['an object that says no', { ok: false }],
  ['a grant with something more', { user: 'alice', role: 'editor' }],
  ['a user that is not a string', { user: 7 }],
  ['an object that brings its own prototype', JSON.parse('{"__proto__":{"auth":"admin"}}')],
  [
    'an instance of a class',
    new (class User {
      user = 'alice'
    })(),
  ],
  ['`forbidden`', 'forbidden'],
]

describe('authorize', () => {
  it('is required: without it, nothing is created', () => {
    const options: Partial<SessionBackendsOptions> = { platform: fakePlatform() }
    expect(() => createSessionBackends(options as SessionBackendsOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining('`authorize`') }),
    )
  })

  it.each(NO)('denies by %s, without a call to the platform', async (_, value) => {
    for (const authorize of [returning(value), returning(Promise.resolve(value))]) {
      const app = createApp({ authorize })
      const response = await app.send('/doc', POST)
      expect([response.status, await codeOf(response)]).toEqual([403, 'forbidden'])
      expect(app.platform.calls).toEqual([])
    }
  })

  it.each<[string, ReturnType<Authorize>, object]>([
    ['true', true, {}],
    ['an object', {}, {}],
    ['a user', { user: 'alice', auth: { role: 'editor' } }, { user: 'alice', auth: { role: 'editor' } }],
  ])('grants by %s', async (_, value, grant) => {
    const onSpawn = vi.fn()
    const app = createApp({ authorize: () => value, onSpawn })
    expect((await app.send('/doc', POST)).status).toBe(200)
    expect(onSpawn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ grant, documentId: 'doc' }))
  })

  it.each(['unauthenticated', 'forbidden', null, false] as const)(
    'answers %s without a line in the log',
    async (decision) => {
      const app = createApp({ authorize: () => decision })
      const response = await app.send('/doc', POST)
      const code = decision === 'unauthenticated' ? decision : 'forbidden'
      expect([response.status, await codeOf(response)]).toEqual([
        decision === code && code !== 'forbidden' ? 401 : 403,
        code,
      ])
      expect(app.log).toEqual([])
    },
  )

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'got undefined'],
    ['a string', 'sekret', 'got a string'],
    ['an object with an error', { error: 'sekret' }, 'got an object with `error`'],
    ['a Response', new Response('sekret'), 'got Response'],
    ['a user that is not a string', { user: { name: 'sekret' } }, 'got a `user` that is Object'],
  ])('says in one line what is wrong with %s', async (_, value, reason) => {
    const app = createApp({ authorize: returning(value) })
    expect((await app.send('/doc', POST)).status).toBe(403)
    expect(app.log).toMatchObject([
      { message: expect.stringContaining(reason), details: { documentId: 'doc', action: 'open' } },
    ])
    expect(JSON.stringify(app.log)).not.toContain('sekret')
  })

  it('may clone the request, or read its body', async () => {
    const bodies: string[] = []
    const app = createApp({
      authorize: async ({ request }) => {
        bodies.push(await request.clone().text(), await request.text())
        return true
      },
    })
    const headers = { 'content-type': 'application/json' }
    expect((await app.send('/doc', { ...POST, body: '{"a":1}', headers })).status).toBe(200)
    expect(bodies).toEqual(['{"a":1}', '{"a":1}'])
  })

  it.each<[string, Authorize]>([
    [
      'throws',
      () => {
        throw new Error('database down')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('database down')
      },
    ],
  ])('that %s denies, and the app learns why', async (_, authorize) => {
    const onError = vi.fn()
    const app = createApp({ authorize, onError })
    const response = await app.send('/doc', POST)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain('database')
    expect(app.platform.calls).toEqual([])
    expect(app.log).toMatchObject([{ details: { err: { message: 'database down' }, documentId: 'doc' } }])
    expect(onError).toHaveBeenCalledOnce()
  })

  it.each<[string, (decided: Promise<true>) => PromiseLike<true>]>([
    ['a promise', (decided) => decided],
    [
      'a promise of another realm',
      runInNewContext('(decided) => new Promise((resolve) => decided.then(resolve))'),
    ],
  ])('that hangs with %s denies after 10 s, and a later yes changes nothing', async (_, wrap) => {
    const clock = new FakeClock()
    const { promise, resolve } = deferred<true>()
    const authorize = vi.fn(() => wrap(promise) as Promise<true>)
    const app = createApp({ authorize, clock })
    const answer = app.send('/doc', POST)
    await vi.waitFor(() => expect(authorize).toHaveBeenCalled())
    clock.advance(9_999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    expect((await answer).status).toBe(403)
    resolve(true)
    await new Promise(setImmediate)
    expect(app.platform.calls).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it.each([
    [
      'throws',
      (error: Error) => async () => {
        throw error
      },
    ],
    ['returns', (error: Error) => returning(error)],
  ])('%s `unauthenticated` to answer 401 with its own message', async (_, by) => {
    const app = createApp({ authorize: by(new SessionBackendError('unauthenticated', 'Sign in first.')) })
    const response = await app.send('/doc', POST)
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: { code: 'unauthenticated', message: 'Sign in first.' } },
    ])
    expect(app.log).toEqual([])
  })

  it('grants by its own properties only: a polluted prototype makes nobody somebody', async () => {
    Object.defineProperty(Object.prototype, 'user', { value: 'root', configurable: true })
    onTestFinished(() => {
      Reflect.deleteProperty(Object.prototype, 'user')
    })
    const grants: object[] = []
    const app = createApp({
      authorize: () => ({}),
      onSpawn: ({ grant }) => grants.push(grant),
    })
    await app.send('/doc', POST)
    expect(grants.map((grant) => Object.getOwnPropertyNames(grant))).toEqual([[]])
  })

  it('is asked before each action, with what it needs to decide', async () => {
    const asked: AuthorizeContext[] = []
    const app = createApp({
      authorize: (context) => {
        asked.push(context)
        return false
      },
      logs: true,
      terminate: true,
    })
    const headers = { cookie: 'session=1' }
    await app.send('/doc%2F1', { ...POST, headers })
    for (const path of ['/doc%2F1', '/doc%2F1/status', '/doc%2F1/logs']) await app.send(path, { headers })
    await app.send('/doc%2F1', { method: 'DELETE', headers })
    expect(asked.map(({ action }) => action)).toEqual(['open', 'read', 'read', 'logs', 'terminate'])
    for (const { documentId, request } of asked) {
      expect([documentId, request.headers.get('cookie')]).toEqual(['doc/1', 'session=1'])
    }
  })

  it('gets the headers that `connect` is called with', async () => {
    const app = createApp({
      authorize: ({ request, params }) => ({ user: `${request.headers.get('cookie')} ${params.tenant}` }),
      onSpawn: ({ grant }) => grants.push(grant),
    })
    const grants: object[] = []
    await app.connect('doc', { headers: new Headers({ cookie: 'a=1' }), params: { tenant: 'acme' } })
    expect(grants).toEqual([{ user: 'a=1 acme' }])
  })

  it('decides for `connect` too', async () => {
    const app = createApp({ authorize: () => null })
    const request = new Request('http://app.test/page')
    await expect(app.connect('doc', { request })).rejects.toMatchObject({ code: 'forbidden' })
    expect(app.platform.calls).toEqual([])
  })

  it('calls the platform for no action that is not granted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NO.map(([, value]) => value)),
        fc.constantFrom('GET', 'POST', 'DELETE'),
        fc.constantFrom('', '/status', '/logs'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        async (value, method, resource, id) => {
          const app = createApp({ authorize: returning(value), logs: true, terminate: true })
          const { status } = await app.send(`/${encodeURIComponent(id)}${resource}`, { method })
          expect(status).toBeGreaterThanOrEqual(400)
          expect(status).toBeLessThan(500)
          expect(app.platform.calls).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})

import { SessionBackendError } from '@session-backend/core'
import pino from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { createSessionBackends } from '../../src/index.ts'
import { createApp, POST } from '../support/backends.ts'
import { fakePlatform } from '../support/fake-platform.ts'

const failing = (error: unknown) => fakePlatform({ spawn: () => Promise.reject(error) })
const secretive = new SessionBackendError('platform_error', 'sekret', {
  cause: { status: 500, message: 'sekret' },
})

describe('onSpawn', () => {
  it('is called once for each backend that was spawned, and not for one that was found', async () => {
    const onSpawn = vi.fn()
    const app = createApp({ onSpawn })
    await Promise.all([app.send('/doc', POST), app.send('/doc', POST)])
    await app.send('/doc', POST)
    await app.send('/doc')
    expect(onSpawn).toHaveBeenCalledExactlyOnceWith({
      documentId: 'doc',
      grant: { user: 'alice' },
      session: expect.objectContaining({ name: 'b1', spawned: true }),
    })
  })

  it('that throws is logged, and spoils no answer', async () => {
    const app = createApp({
      onSpawn: () => {
        throw new Error('metrics down')
      },
    })
    expect((await app.send('/doc', POST)).status).toBe(200)
    expect(app.log).toMatchObject([{ details: { err: { message: 'metrics down' } } }])
  })
})

describe('a hook that is asynchronous', () => {
  it.each(['onSpawn', 'onError'] as const)(
    'is logged when it fails, and ends no process: %s',
    async (hook) => {
      const app = createApp({
        platform: hook === 'onError' ? failing(secretive) : fakePlatform(),
        [hook]: async () => {
          await Promise.resolve()
          throw new Error('metrics down')
        },
      })
      await app.send('/doc', POST)
      await vi.waitFor(() =>
        expect(app.log.at(-1)).toMatchObject({ details: { err: { message: 'metrics down' } } }),
      )
    },
  )
})

describe('onError', () => {
  it('is called for a failure of the platform, with its cause; the log has only its code', async () => {
    const onError = vi.fn()
    const app = createApp({ platform: failing(secretive), onError })
    expect((await app.send('/doc', POST)).status).toBe(502)
    expect(onError).toHaveBeenCalledExactlyOnceWith(secretive, { action: 'open', documentId: 'doc' })
    expect(app.log).toEqual([
      {
        details: { code: 'platform_error', action: 'open', documentId: 'doc' },
        message: 'The session backend platform failed.',
      },
    ])
  })

  it('is called if the platform refused the app, and the log says what to check', async () => {
    const refusal = new SessionBackendError('platform_misconfigured', 'Unknown service.')
    const app = createApp({ platform: failing(refusal) })
    expect((await app.send('/doc', POST)).status).toBe(500)
    expect(app.log).toEqual([
      {
        details: { code: 'platform_misconfigured', action: 'open', documentId: 'doc' },
        message:
          'The session backend platform refused this app. Check the account, service and token of its `platform`.',
      },
    ])
  })

  it('is called for a bug, which is answered with an opaque 500', async () => {
    const onError = vi.fn()
    const defect = new TypeError('x is not a function')
    const app = createApp({ platform: failing(defect), onError })
    const response = await app.send('/doc', POST)
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: { code: 'internal', message: 'Something went wrong on the server.' } },
    ])
    expect(onError).toHaveBeenCalledExactlyOnceWith(defect, expect.anything())
    expect(app.log).toMatchObject([{ details: { err: defect } }])
  })

  it.each([
    ['/__proto__', POST],
    ['/doc/other', {}],
    ['/doc/status', POST],
    ['/doc', { method: 'DELETE' }],
    ['/doc', { ...POST, body: '[]', headers: { 'content-type': 'application/json' } }],
  ])("is not called for a client's mistake: %s %o", async (path, init) => {
    const onError = vi.fn()
    const app = createApp({ onError })
    expect((await app.send(path, init)).status).toBeLessThan(500)
    expect(onError).not.toHaveBeenCalled()
    expect(app.log).toEqual([])
  })
})

describe('logger', () => {
  it('that throws spoils no answer', async () => {
    const app = createApp({
      platform: failing(secretive),
      logger: {
        error: () => {
          throw new Error('disk full')
        },
      },
    })
    expect((await app.send('/doc', POST)).status).toBe(502)
  })

  it('can be a pino logger, whose lines then hold no secret', async () => {
    const lines: string[] = []
    const sessionBackends = createSessionBackends({
      platform: failing(secretive),
      authorize: () => true,
      logger: pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) }),
    })
    await sessionBackends.handle(new Request('http://app.test/api/sessions/doc', POST))
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 50,
        code: 'platform_error',
        action: 'open',
        documentId: 'doc',
        msg: 'The session backend platform failed.',
      },
    ])
  })
})

describe('an error of which nothing can be read', () => {
  const throwing = () => {
    throw new Error('a getter')
  }
  it.each([
    ['a getter that throws', Object.defineProperty(new Error('x'), 'name', { get: throwing })],
    ['a proxy that throws', new Proxy({}, { getPrototypeOf: throwing, get: throwing })],
    [
      'our error with a getter',
      Object.defineProperty(new SessionBackendError('platform_error', 'x'), 'code', { get: throwing }),
    ],
  ])('is answered with an opaque 500, and logged: %s', async (_, error) => {
    for (const app of [
      createApp({ platform: failing(error) }),
      createApp({ platform: failing(error), limits: { running: 1 } }),
    ]) {
      const response = await app.send('/doc', POST)
      expect([response.status, (await response.json()).error.code]).toEqual([500, 'internal'])
      expect(app.log).toHaveLength(1)
    }
  })
})

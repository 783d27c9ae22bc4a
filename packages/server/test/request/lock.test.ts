import { systemClock } from '@session-backend/core/internal'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { defaultLock, lockOf } from '../../src/request/lock.ts'
import { codeOf, createApp, POST } from '../support/backends.ts'

const name = fc.string({ unit: fc.constantFrom('/', '%', '2', 'F', 'f', 'a', ' ', ':', 'é'), maxLength: 6 })
/** Two services and documents whose names, joined by slashes, are the same text. */
const twoCuts = fc
  .tuple(fc.array(name, { minLength: 3, maxLength: 5 }), fc.nat(4), fc.nat(4))
  .map(([parts, ...cuts]) =>
    cuts.map((cut) => ({
      service: parts.slice(0, (cut % (parts.length - 1)) + 1).join('/'),
      documentId: parts.slice((cut % (parts.length - 1)) + 1).join('/'),
    })),
  )
const anyTwo = fc.array(fc.record({ service: name, documentId: name }), { minLength: 2, maxLength: 2 })

describe('the lock of a document', () => {
  it('begins with the service, since the services of an account share their locks', () => {
    expect(defaultLock('editor')({ documentId: 'notes/doc-1' })).toBe('editor/notes/doc-1')
  })

  it('is its own: no two pairs of service and document give the same lock', () => {
    fc.assert(
      fc.property(fc.oneof(twoCuts, anyTwo), ([one = expect.fail(), other = expect.fail()]) => {
        const same = defaultLock(one.service)(one) === defaultLock(other.service)(other)
        expect(same).toBe(one.service === other.service && one.documentId === other.documentId)
      }),
      { numRuns: 5_000 },
    )
  })

  it('has 1 to 128 characters', async () => {
    const app = createApp()
    const longest = 'x'.repeat(128 - 'editor/'.length)
    expect((await app.send(`/${longest}`, POST)).status).toBe(200)
    const response = await app.send(`/${longest}x`, POST)
    expect([response.status, await codeOf(response)]).toEqual([400, 'bad_request'])
    expect(app.platform.calls).toHaveLength(1)
  })

  it.each([
    ['nothing', ''],
    ['what is no string', 7],
    ['a line break', 'a\r\nb'],
    ['half a character', '\ud800'],
  ])('is a defect of the app if its function returns %s', async (_, value) => {
    await expect(
      lockOf({ documentId: 'doc', params: {} }, () => value as string, systemClock),
    ).rejects.toMatchObject({
      code: 'invalid_option',
    })
    const app = createApp({ lock: () => value as string })
    const response = await app.send('/doc', POST)
    expect([response.status, await codeOf(response)]).toEqual([500, 'internal'])
    expect(app.platform.calls).toEqual([])
    expect(app.log).toHaveLength(1)
  })

  it.each(['lock', 'spawn'] as const)(
    'is given up if the `%s` option hangs, and the next request tries again',
    async (name) => {
      const clock = new FakeClock()
      const option = vi
        .fn()
        .mockReturnValueOnce(new Promise(() => {}))
        .mockReturnValue(name === 'lock' ? Promise.resolve('a') : {})
      const app = createApp({ [name]: option, clock })
      const answer = app.send('/doc', POST)
      await vi.waitFor(() => expect(clock.pending).toBe(1))
      clock.advance(10_000)
      expect((await answer).status).toBe(500)
      expect(app.log).toMatchObject([{ details: { err: expect.any(Error) } }])
      expect((await app.send('/doc', POST)).status).toBe(200)
      expect(clock.pending).toBe(0)
    },
  )

  it('can be named by the app', async () => {
    const app = createApp({ lock: ({ documentId }) => `tenant-1/${documentId}` })
    await app.send('/doc', POST)
    expect(app.platform.calls).toMatchObject([{ request: { lock: 'tenant-1/doc' } }])
  })
})

import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readUserToken, withoutUserToken } from '../../src/control/user-token.ts'
import { backendAssignment, verifiedUser } from '../../src/index.ts'
import { openBoard } from '../support/board.ts'
import { openPage, signedIn } from '../support/page.ts'
import { IDENTITY, pathOf, userToken } from './support.ts'

const KEY = Buffer.from(IDENTITY.key).toString('base64url')
const adaNow = () => ({ user: 'ada', auth: { role: 'editor' }, authorizedAt: Date.now() })

describe('a user token', () => {
  it('names the user, with any characters in their name and rights', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.string(), (user, auth, more) => {
        const token = userToken({ user, auth, authorizedAt: 1_000 })
        const path = `${pathOf(token)}&more=${encodeURIComponent(more)}`
        expect(readUserToken(path, IDENTITY, 2_000)).toEqual({
          user,
          auth: JSON.parse(JSON.stringify(auth)),
          authorizedAt: 1_000,
        })
        expect(withoutUserToken(path)).toBe(`/?more=${encodeURIComponent(more)}`)
      }),
    )
  })

  it('is refused with any character changed, cut or added', () => {
    const token = userToken(adaNow())
    const character = fc.constantFrom(...'ABCabc019-_.=&? ')
    fc.assert(
      fc.property(fc.nat(token.length - 1), character, fc.constantFrom(0, 1), (at, other, cut) => {
        const changed = token.slice(0, at) + other + token.slice(at + cut)
        if (changed === token) return
        let user: unknown
        try {
          user = readUserToken(pathOf(changed), IDENTITY, Date.now())?.user
        } catch (error) {
          expect(error).toMatchObject({ code: 'unauthenticated' })
        }
        // A `&` may end the token before its last character: then it is another parameter that changed.
        if (user !== undefined) expect(changed.split('&')[0]).toBe(token)
      }),
      { numRuns: 500 },
    )
  })

  const now = Date.now()
  it.each([
    ['for another backend', userToken(adaNow(), { ...IDENTITY, name: 'other' })],
    ['by another key', userToken(adaNow(), { ...IDENTITY, key: Buffer.alloc(32) })],
    ['more than a minute ago', userToken({ ...adaNow(), authorizedAt: now - 61_000 })],
    ['too far in the future', userToken({ ...adaNow(), authorizedAt: now + 120_000 })],
    ['without a time', userToken({ user: 'ada' })],
    ['twice', `${userToken(adaNow())}&session-backend-user=${userToken(adaNow())}`],
    ['twice, once as %2D', `${userToken(adaNow())}&session%2Dbackend-user=x`],
  ])('is refused if it was made %s', (_how, token) => {
    expect(() => readUserToken(pathOf(token), IDENTITY, now)).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
  })

  it('is taken out of a URL, and nothing else is', () => {
    const token = userToken(adaNow())
    for (const [url, rest] of [
      ['/', '/'],
      ['/?', '/?'],
      ['/a/b?c=%20d&e', '/a/b?c=%20d&e'],
      [`/a?session-backend-user=${token}`, '/a'],
      [`/a?b&session-backend-user=${token}&c=1`, '/a?b&c=1'],
      [`/a?session%2dbackend-user=${token}&c`, '/a?c'],
    ] as const) {
      expect(withoutUserToken(url)).toBe(rest)
    }
  })
})

describe('`verifiedUser`', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, Symbol.for('@session-backend/backend/identity'))
    vi.unstubAllEnvs()
  })

  it('knows users on v1 by their URL once the backend is assigned, which takes the key away', async () => {
    vi.stubEnv('SESSION_BACKEND_CONTROL_KEY', KEY)
    vi.stubEnv('SESSION_BACKEND_ID', 'test')
    const { env } = await backendAssignment()
    expect([env.SESSION_BACKEND_ID, env.SESSION_BACKEND_CONTROL_KEY]).toEqual(['test', undefined])
    expect(process.env.SESSION_BACKEND_CONTROL_KEY).toBeUndefined()
    const path = pathOf(userToken(adaNow()))
    const ada = { user: 'ada', auth: { role: 'editor' } }
    expect(verifiedUser({ url: path, headers: {} })).toEqual(ada)
    expect(verifiedUser(new Request(`http://a.test${path}`))).toEqual(ada)
    expect(verifiedUser({ url: '/', headers: {} })).toEqual({ user: undefined, auth: undefined })
    expect(() => verifiedUser({ url: `${path}x`, headers: {} })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
  })

  it('knows them even without an assignment', () => {
    vi.stubEnv('SESSION_BACKEND_CONTROL_KEY', KEY)
    vi.stubEnv('SESSION_BACKEND_ID', 'test')
    expect(verifiedUser({ url: pathOf(userToken(adaNow())), headers: {} }).user).toBe('ada')
    expect(process.env.SESSION_BACKEND_CONTROL_KEY).toBeUndefined()
  })

  it('treats an empty name as no user, as on v2', () => {
    vi.stubEnv('SESSION_BACKEND_CONTROL_KEY', KEY)
    vi.stubEnv('SESSION_BACKEND_ID', 'test')
    const url = pathOf(userToken({ ...adaNow(), user: '' }))
    expect(verifiedUser({ url, headers: {} }).user).toBeUndefined()
  })

  it('trusts the platform before the URL, and returns `auth` as the app gave it', () => {
    const url = pathOf(userToken({ ...adaNow(), user: 'admin' }))
    const headers = signedIn('ada', { role: 'viewer', 'session-backend-authorized-at': 1 })
    expect(verifiedUser({ url, headers })).toEqual({ user: 'ada', auth: { role: 'viewer' } })
    expect(verifiedUser({ url, headers: { 'x-verified-user-data': '{}' } }).user).toBeUndefined()
  })

  it('refuses a token that it can not check', () => {
    expect(() => verifiedUser({ url: pathOf(userToken(adaNow())), headers: {} })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
  })

  it.each(['short', `${KEY}x`, `${KEY.slice(1)}!`])('does not start with the key %o', async (key) => {
    const env = { SESSION_BACKEND_ID: 'test', SESSION_BACKEND_CONTROL_KEY: key }
    const assigned = backendAssignment({ env })
    await expect(assigned).rejects.toMatchObject({ code: 'invalid_option' })
    await expect(assigned).rejects.not.toThrow(key)
  })
})

describe('a room on v1', () => {
  it('says once in its log that a clock is wrong, or that it has no key, and nothing of tokens that are forged', async () => {
    const future = pathOf(userToken({ ...adaNow(), authorizedAt: Date.now() + 120_000 }))
    const [room, without] = [await openBoard({ identity: IDENTITY }), await openBoard()]
    for (const { port } of [room, without]) {
      for (const path of [pathOf('forged'), future, future]) {
        expect((await (await openPage(port, {}, path)).closed).code).toBe(4401)
      }
    }
    expect(room.problems).toEqual([expect.stringMatching(/^authorizing: The clock .* 1[12]\d s ahead/)])
    expect(without.problems).toEqual([expect.stringContaining('without a control key')])
  })

  it('accepts a user with a token, and hides the token from `authorize`', async () => {
    const urls: unknown[] = []
    const { port, problems } = await openBoard({
      identity: IDENTITY,
      authorize({ user, auth, request }) {
        urls.push(request.url)
        return user !== undefined && { name: `${user}, ${auth.role}` }
      },
    })
    const page = await openPage(port, {}, `${pathOf(userToken(adaNow()))}&color=red`)
    await page.find({ type: 'message' })
    expect(urls).toEqual(['/?color=red'])
    for (const path of ['/', pathOf('x'), pathOf(userToken({ ...adaNow(), authorizedAt: 1 }))]) {
      expect((await (await openPage(port, {}, path)).closed).code).toBe(4401)
    }
    expect(problems).toEqual([])
  })
})

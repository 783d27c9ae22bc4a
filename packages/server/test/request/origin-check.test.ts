import { describe, expect, it } from 'vitest'
import { createApp } from '../support/backends.ts'

const HOST = { host: 'app.test' }
const TRUSTED = 'https://admin.app.test'

async function statusOf(headers: Record<string, string>, method = 'POST') {
  const app = createApp({ trustedOrigins: [TRUSTED], terminate: true })
  const { status } = await app.send('/doc', { method, headers })
  if (status === 403) expect(app.platform.calls).toEqual([])
  return status
}

// PROTOCOL.md: "The route".
describe('a write', () => {
  it.each<[string, Record<string, string>]>([
    ['of no browser', HOST],
    ["of the app's own page", { ...HOST, 'sec-fetch-site': 'same-origin', origin: 'http://app.test' }],
    ['of an old browser', { ...HOST, origin: 'https://app.test' }],
    [
      'behind a proxy that renames the host',
      { host: 'internal:8080', 'x-forwarded-host': 'app.test', origin: 'https://app.test' },
    ],
    ['of an origin that the app trusts', { ...HOST, origin: TRUSTED, 'sec-fetch-site': 'cross-site' }],
    ['whose host has the default port', { host: 'app.test:80', origin: 'http://app.test' }],
    ['whose host has the default port of TLS', { host: 'app.test:443', origin: 'https://app.test' }],
    ['whose host is in upper case', { host: 'APP.Test:3000', origin: 'http://app.test:3000' }],
    [
      'behind two proxies',
      { host: 'internal:8080', 'x-forwarded-host': 'app.test, inner.test', origin: 'https://app.test' },
    ],
    ['that the user made by hand', { ...HOST, 'sec-fetch-site': 'none' }],
  ])('%s is taken', async (_, headers) => {
    expect(await statusOf(headers)).toBe(200)
    expect(await statusOf(headers, 'DELETE')).toBe(200)
  })

  it.each<[string, Record<string, string>]>([
    ['another site', { ...HOST, 'sec-fetch-site': 'cross-site' }],
    ['another site, with any origin', { ...HOST, 'sec-fetch-site': 'cross-site', origin: 'http://app.test' }],
    ['a sibling of the app', { ...HOST, 'sec-fetch-site': 'same-site', origin: 'https://evil.app.test' }],
    ['another origin', { ...HOST, origin: 'https://evil.test' }],
    ['another port', { ...HOST, origin: 'http://app.test:8080' }],
    ['a longer name', { ...HOST, origin: 'http://app.test.evil.test' }],
    ['a sandboxed page', { ...HOST, origin: 'null' }],
    ['a file', { ...HOST, origin: 'file://app.test' }],
    ['no host at all', { host: 'a b', origin: 'http://a b' }],
    ['an empty host', { ...HOST, origin: 'http://' }],
    ['a host with credentials', { host: 'evil.test', origin: 'http://app.test@evil.test' }],
    ['an origin like one that is trusted', { ...HOST, origin: `${TRUSTED}.evil.test` }],
  ])('from %s is refused', async (_, headers) => {
    expect(await statusOf(headers)).toBe(403)
    expect(await statusOf(headers, 'DELETE')).toBe(403)
  })

  it('that is refused leaves a line that names both values, and what to do', async () => {
    const app = createApp()
    await app.send('/doc', { method: 'POST', headers: { ...HOST, origin: 'http://app.test:8080' } })
    expect(app.log.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /`Origin` is http:\/\/app\.test:8080, .*host is app\.test\..*`trustedOrigins`.*`Host`/,
      ),
    ])
  })

  it('that is refused puts no more than 200 characters of a header into the log', async () => {
    const app = createApp()
    const long = { host: 'h'.repeat(8_000), origin: `http://${'o'.repeat(8_000)}` }
    await app.send('/doc', { method: 'POST', headers: long })
    expect(app.log.map(({ message }) => message)).toEqual([expect.stringMatching(/^.{600,800}$/)])
  })

  it('is all that is checked: reading changes nothing, and no other page can see the answer', async () => {
    expect(await statusOf({ 'sec-fetch-site': 'cross-site' }, 'GET')).toBe(200)
  })
})

import { describe, expect, it } from 'vitest'
import { ClientV2 } from './http/v2/client.ts'
import { BACKEND, Client, startPlatform } from './support/platform.ts'

describe('the URLs in answers', () => {
  it('begin with publicUrl, v1 and v2 alike', async () => {
    const platform = await startPlatform({ publicUrl: 'https://platform.example/' })
    expect(platform.publicUrl).toBe('https://platform.example')
    const { url, readyUrl, statusUrl } = await new Client(platform).spawn()
    for (const each of [url, readyUrl, statusUrl]) expect(each).toMatch(/^https:\/\/platform\.example\//)
    const answer = await new ClientV2(platform).connect()
    for (const each of [answer.url, answer.ready_url, answer.status_url]) {
      expect(each).toMatch(/^https:\/\/platform\.example\//)
    }
  })

  it('lead another device to the backend if the platform listens on all addresses', async (context) => {
    const platform = await startPlatform({ host: '0.0.0.0' })
    const { hostname } = new URL(platform.publicUrl)
    context.skip(hostname === 'localhost', 'this machine has no network')
    expect(new URL(platform.url).hostname).toBe('localhost')
    const session = await new Client(platform).spawn()
    for (const url of [session.url, session.readyUrl, session.statusUrl]) {
      expect(new URL(url).hostname).toBe(hostname)
      expect((await fetch(url)).status).toBe(200)
    }
  })

  it('have names below the host of publicUrl, with an origin for each backend', async () => {
    const services = { editor: { command: BACKEND } }
    const platform = await startPlatform({ urls: 'subdomain', publicUrl: 'https://dev.example', services })
    const { url, name } = await new Client(platform).spawn()
    expect(new URL(url).origin).toBe(`https://${name}.dev.example`)
  })

  it('tell the backend by which protocol the user came', async () => {
    const echo = `${import.meta.dirname}/../../conformance/backend.mjs`
    const services = { editor: { command: [process.execPath, echo] as const } }
    for (const [publicUrl, protocol] of [
      ['https://platform.example', 'https'],
      [undefined, 'http'],
    ]) {
      const platform = await startPlatform({ publicUrl, services })
      const { url } = await new Client(platform).spawn()
      const answer = await fetch(`${platform.url}${new URL(url).pathname}request`)
      expect((await answer.json()).headers['x-forwarded-proto']).toBe(protocol)
    }
  })
})

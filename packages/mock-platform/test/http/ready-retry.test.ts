import { describe, expect, it } from 'vitest'
import { Client, startPlatform } from '../support/platform.ts'
import { ClientV2 } from './v2/client.ts'

/** Fails the first time that each document is opened. */
function services() {
  const failed = new Set<string | undefined>()
  return {
    editor: {
      serve: (
        server: import('node:http').Server,
        { env, exit }: import('../../src/index.ts').ServeContext,
      ) => {
        server.on('request', ({ headers }, response) =>
          response.end(`${env.COLOR} for ${headers['x-verified-username']}`),
        )
        const { SESSION_BACKEND_KEY: key } = env
        if (failed.has(key)) return
        failed.add(key)
        exit(1)
      },
    },
  }
}

/** Asks for another start, as the ready page does. */
const retry = (readyUrl: string, headers: Record<string, string> = {}) =>
  fetch(`${readyUrl}retry`, { method: 'POST', headers })

describe('a backend that failed, started again from its ready page', () => {
  it('gets the same service, lock, tag and environment', async () => {
    const client = new Client(await startPlatform({ services: services() }))
    const session = await client.spawn({ lock: 'doc', env: { COLOR: 'green' } })
    await client.until(session)
    const answer = await retry(session.readyUrl)
    expect(answer.status).toBe(200)
    const { ready_url } = await answer.json()
    const holder = await (await client.fetchLock('doc')).json()
    expect(ready_url).toBe(holder.ready_url)
    expect(await (await fetch(holder.url)).text()).toBe('green for undefined')
    // Somebody else who still looks at the first page gets there too.
    expect(await (await retry(session.readyUrl)).json()).toEqual({ ready_url })
  })

  it('knows the user of v2 whose page it was', async () => {
    const client = new ClientV2(await startPlatform({ services: services() }))
    const first = await client.connect({ key: 'doc', user: 'ada' }, 'editor')
    await client.history(first)
    const { ready_url } = await (await retry(first.ready_url)).json()
    const [, name, token] = /\/ready\/([^/]+)\/([^/]+)\/$/.exec(ready_url) ?? []
    expect(token).not.toBe(first.token)
    expect(await (await fetch(`${client.platform.url}/p/${name}/${token}/`)).text()).toBe('undefined for ada')
  })

  it('is only for the machine of the platform, and only for those who have the ready URL', async () => {
    const client = new Client(await startPlatform({ services: services() }))
    const session = await client.spawn({ lock: 'doc' })
    await client.until(session)
    expect((await retry(session.readyUrl, { 'x-forwarded-for': '192.0.2.7' })).status).toBe(403)
    expect((await retry(session.readyUrl.replace(/.{4}\/$/, 'xxxx/'))).status).toBe(404)
  })

  it('is not for a backend that runs or has ended without a failure', async () => {
    const client = new Client(await startPlatform({ services: { editor: { serve: () => {} } } }))
    const session = await client.ready()
    expect((await retry(session.readyUrl)).status).toBe(404)
    await client.terminate(session)
    await client.until(session)
    expect((await retry(session.readyUrl)).status).toBe(404)
  })

  it('is for the last 100 that failed', async () => {
    const fail = { editor: { serve: (_: unknown, { exit }: { exit(code: number): void }) => exit(1) } }
    const client = new Client(await startPlatform({ services: fail }))
    const readyUrls: string[] = []
    for (let i = 0; i < 102; i++) {
      const session = await client.spawn()
      await client.until(session)
      readyUrls.push(session.readyUrl)
    }
    const canRetry = async (at: number) => (await (await fetch(`${readyUrls.at(at)}log`)).json()).retry
    expect([await canRetry(0), await canRetry(1), await canRetry(2), await canRetry(-1)]).toEqual([
      ...[false, false, true, true],
    ])
  })
})

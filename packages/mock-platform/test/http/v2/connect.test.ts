import { isConnectResponse } from '@jamsocket/types'
import { parseConnectAnswer } from '@session-backend/core/internal'
import { describe, expect, it } from 'vitest'
import { startPlatform } from '../../support/platform.ts'
import { ClientV2 } from './client.ts'

describe('connect', () => {
  it('starts a backend, and gives the way to it', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect()
    expect(isConnectResponse(answer)).toBe(true)
    expect(answer).toMatchObject({ spawned: true, url: expect.stringContaining(`/${answer.token}/`) })
    expect(parseConnectAnswer(answer).name).toBe(answer.backend_id)
    expect(await (await fetch(answer.url)).text()).toBe('hello')
    expect((await fetch(answer.ready_url)).status).toBe(200)
  })

  it('finds the backend that holds the key, and gives each user another token', async () => {
    const client = new ClientV2(await startPlatform())
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.connect({ key: 'doc' })))
    expect(answers.filter(({ spawned }) => spawned)).toHaveLength(1)
    expect(new Set(answers.map(({ backend_id }) => backend_id)).size).toBe(1)
    expect(new Set(answers.map(({ token }) => token)).size).toBe(20)
    expect(new Set(answers.map(({ secret_token }) => secret_token)).size).toBe(20)
  })

  it('takes a key of 128 characters, long in memory or not', async () => {
    const client = new ClientV2(await startPlatform())
    const key = '\u{1f4dd}'.repeat(128)
    const { backend_id } = await client.connect({ key })
    expect(await client.connect({ key })).toMatchObject({ backend_id, spawned: false })
  })

  it("gives no URL without a user's token, not even through the ready page", async () => {
    const client = new ClientV2(await startPlatform())
    const { backend_id, ready_url } = await client.connect()
    const page = await fetch(`${client.platform.url}/backend/${backend_id}/ready`)
    expect([page.status, await page.text()]).toEqual([404, expect.not.stringContaining('/p/')])
    expect((await fetch(ready_url)).status).toBe(200)
  })

  it('only finds a backend if it may not start one', async () => {
    const client = new ClientV2(await startPlatform())
    const refusal = await client.tryConnect({ key: 'doc', spawn: false })
    expect([refusal.status, (await refusal.json()).error.code]).toEqual([404, 'not_running'])
    const { backend_id } = await client.connect({ key: 'doc', spawn: true })
    expect(await client.connect({ key: 'doc', spawn: false })).toMatchObject({ backend_id, spawned: false })
  })

  it('passes what the request says about the start', async () => {
    const client = new ClientV2(await startPlatform())
    const spawn = { executable: { env: { NAME: 'value', SESSION_BACKEND_KEY: 'forged' } } }
    const { url } = await client.connect({ key: 'doc', spawn }, 'editor')
    expect(await (await fetch(`${url}env`)).json()).toMatchObject({
      NAME: 'value',
      SESSION_BACKEND_KEY: 'doc',
      JAMSOCKET_SERVICE: 'editor',
    })
    const missing = await client.connect({ spawn: { tag: 'nope' } }, 'editor')
    await client.reached(missing, 'terminated')
  })

  it.each([
    ['a key of no character', { key: '' }],
    ['a key of 129 characters', { key: 'x'.repeat(129) }],
    ['no key if it may not start one', { spawn: false }],
    ['a limit below 0', { spawn: { max_idle_seconds: -1 } }],
    ['a spawn of another kind', { spawn: 'yes' }],
    ['auth that is no object', { auth: ['admin'] }],
    ['a user that no header can carry', { user: 'ada\r\nx-verified-user-data: {}' }],
    ['a user that the proxy of the engine drops', { user: 'Zoë' }],
    ['a key with half an emoji', { key: 'doc-\ud83d' }],
    ['a key with a NUL, which no environment variable can hold', { key: 'doc\0' }],
    ['auth that would make each request too large for the backend', { auth: { list: 'x'.repeat(5_000) } }],
    ['a user that would make each request too large for the backend', { user: 'x'.repeat(5_000) }],
    ['auth that the proxy of the engine drops', { auth: { name: 'Zoë' } }],
  ])('refuses %s', async (_, body) => {
    const client = new ClientV2(await startPlatform())
    expect((await client.tryConnect(body)).status).toBe(400)
  })

  it('fails on demand', async () => {
    const client = new ClientV2(await startPlatform())
    client.platform.faults.add({ kind: 'status', endpoint: 'v2/connect', status: 429, retryAfter: 3 })
    const refusal = await client.tryConnect({})
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([429, '3'])
    expect((await client.connect()).spawned).toBe(true)
  })

  it('refuses unknown services, other accounts and other tokens', async () => {
    const client = new ClientV2(await startPlatform())
    expect((await client.tryConnect({}, 'nope')).status).toBe(404)
    const call = { method: 'POST', body: {} }
    expect((await client.call('/v2/service/other/memory/connect', call)).status).toBe(403)
    const headers = { authorization: 'Bearer other' }
    expect((await client.call('/v2/service/acme/memory/connect', { ...call, headers })).status).toBe(401)
  })
})

describe('a key', () => {
  it("is its service's own, and not a lock of v1", async () => {
    const services = { a: { serve: () => {} }, b: { serve: () => {} } }
    const client = new ClientV2(await startPlatform({ services }))
    const names = [
      (await client.connect({ key: 'doc' }, 'a')).backend_id,
      (await client.connect({ key: 'doc' }, 'b')).backend_id,
      (await client.spawn({ lock: 'doc' }, 'a')).name,
      (await client.spawn({ lock: 'service/a/doc' }, 'a')).name,
    ]
    expect(new Set(names).size).toBe(4)
    expect((await client.fetchLock('doc', 'b')).status).toBe(200)
    expect((await client.connect({ key: 'doc' }, 'b')).backend_id).toBe(names[1])
  })

  it('is free when its backend has ended, and the next fencing token is higher', async () => {
    const client = new ClientV2(await startPlatform())
    const tokens: number[] = []
    for (let round = 0; round < 3; round++) {
      const answer = await client.connect({ key: 'doc' }, 'editor')
      expect(answer.spawned).toBe(true)
      const env = await (await fetch(`${answer.url}env`)).json()
      tokens.push(Number(env.SESSION_BACKEND_FENCING_TOKEN))
      await client.end(answer)
      await client.reached(answer, 'terminated')
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
  })
})

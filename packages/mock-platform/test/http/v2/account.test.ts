import { describe, expect, it } from 'vitest'
import { startPlatform } from '../../support/platform.ts'
import { ClientV2 } from './client.ts'

describe('the account', () => {
  it('has services, which are created, described and deleted', async () => {
    const client = new ClientV2(await startPlatform())
    const post = (path: string, body: unknown) => client.call(path, { method: 'POST', body })
    expect((await post('/v2/account/acme/service', { name: 'new' })).status).toBe(200)
    expect(await (await client.call('/v2/account/acme/services')).json()).toEqual({
      services: ['editor', 'memory', 'new'],
    })
    expect(await (await client.call('/v2/service/acme/new')).json()).toMatchObject({
      name: 'new',
      last_spawned_at: null,
    })
    expect((await post('/v2/service/acme/new/delete', {})).status).toBe(200)
    expect((await client.call('/v2/service/acme/new')).status).toBe(404)
  })

  it('has services that say when a backend of theirs was last spawned', async () => {
    const client = new ClientV2(await startPlatform())
    const before = Date.now()
    await client.reached(await client.connect({ key: 'doc' }, 'memory'), 'ready')
    const spawnedAt = async (service: string) =>
      (await (await client.call(`/v2/service/acme/${service}`)).json()).last_spawned_at
    expect(Date.parse(await spawnedAt('memory'))).toBeGreaterThanOrEqual(before)
    expect(await spawnedAt('editor')).toBeNull()
  })

  it('has backends, which are listed while they run', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect({ key: 'doc' })
    const { name } = await client.spawn({}, 'memory')
    await client.reached(answer, 'ready')
    const list = async () => (await (await client.call('/v2/account/acme/backends')).json()).running_backends
    expect(await list()).toMatchObject([
      { id: answer.backend_id, service_name: 'memory', key: 'doc', status: { status: 'ready' } },
      { id: name },
    ])
    await client.end(answer)
    await client.reached(answer, 'terminated')
    expect(await list()).toMatchObject([{ id: name }])
    expect(await (await client.call(`/v2/backend/${answer.backend_id}`)).json()).toMatchObject({
      id: answer.backend_id,
      statuses: expect.arrayContaining([expect.objectContaining({ status: 'terminated' })]),
    })
  })

  it('is nobody else’s', async () => {
    const client = new ClientV2(await startPlatform())
    for (const path of ['services', 'backends']) {
      expect((await client.call(`/v2/account/other/${path}`)).status).toBe(403)
    }
    const headers = { authorization: 'Bearer other' }
    expect((await client.call('/v2/account/acme/backends', { headers })).status).toBe(401)
  })
})

describe('a log', () => {
  it('is streamed', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect({ spawn: { executable: { env: { EXIT: '0' } } } }, 'editor')
    await client.reached(answer, 'terminated')
    const response = await client.call(`/v2/backend/${answer.backend_id}/logs/stream`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
  })
})

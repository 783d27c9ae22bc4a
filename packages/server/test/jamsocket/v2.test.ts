import { createMockPlatform } from '@session-backend/mock-platform'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSessionBackends, type JamsocketOptions, jamsocket } from '../../src/index.ts'
import { sendJson, startUpstream, type Upstream } from '../support/upstream.ts'

const CONNECTED = {
  backend_id: 'a1',
  spawned: true,
  status: 'scheduled',
  token: 'secret',
  url: 'https://a1.example.test/secret/',
  secret_token: 'more',
  status_url: 'https://api.example.test/v2/backend/a1/status',
  ready_url: 'https://api.example.test/ready/a1/secret/',
}

function clientOf({ url: apiUrl }: Upstream, options: Partial<JamsocketOptions> = {}) {
  const client = jamsocket({
    ...{ account: 'acme', service: 'editor', token: 'sekret', apiVersion: 2, apiUrl },
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

describe('v2 of the API', () => {
  it('connects with the key, how to start a backend, and for whom', async () => {
    const upstream = await startUpstream(sendJson(CONNECTED))
    const session = await clientOf(upstream).spawn({
      lock: 'editor/doc-1',
      tag: 'v2',
      gracePeriodSeconds: 0,
      env: { DOCUMENT: 'doc-1' },
      grant: { user: 'ada', auth: { role: 'writer' } },
    })
    expect(session).toEqual({
      name: 'a1',
      url: CONNECTED.url,
      readyUrl: CONNECTED.ready_url,
      // Pages read one vocabulary, v1's.
      statusUrl: 'https://api.example.test/backend/a1/status',
      status: 'Loading',
      spawned: true,
    })
    expect(upstream.received).toMatchObject([
      {
        method: 'POST',
        path: '/v2/service/acme/editor/connect',
        headers: { authorization: 'Bearer sekret' },
        body: {
          key: 'editor/doc-1',
          spawn: { tag: 'v2', max_idle_seconds: 0, executable: { env: { DOCUMENT: 'doc-1' } } },
          user: 'ada',
          auth: { role: 'writer' },
        },
      },
    ])
  })

  it('passes on the rights of a user without a name', async () => {
    const upstream = await startUpstream(sendJson(CONNECTED))
    await clientOf(upstream).fetch({ lock: 'doc', grant: { auth: { role: 'reader' } } })
    expect(upstream.received[0]?.body).toEqual({ key: 'doc', spawn: false, auth: { role: 'reader' } })
  })

  it('fetches by a connect that does not spawn', async () => {
    const upstream = await startUpstream(sendJson({ ...CONNECTED, spawned: false, status: 'ready' }))
    expect(await clientOf(upstream).fetch({ lock: 'doc', grant: { user: 'ada' } })).toMatchObject({
      spawned: false,
      status: 'Ready',
    })
    expect(upstream.received[0]?.body).toEqual({ key: 'doc', spawn: false, user: 'ada' })
  })

  it.each([404, 409])('throws `not_running` for a fetch that is answered with %i', async (status) => {
    const upstream = await startUpstream(sendJson({}, status))
    const fetching = clientOf(upstream).fetch({ lock: 'doc' })
    await expect(fetching).rejects.toMatchObject({ code: 'not_running' })
  })

  it('throws `not_running` if the backend to terminate has ended', async () => {
    const upstream = await startUpstream(sendJson({ error: { code: 'BackendNotRunning' } }, 409))
    await expect(clientOf(upstream).terminate('a1')).rejects.toMatchObject({ code: 'not_running' })
    expect(upstream.received).toMatchObject([{ path: '/v2/backend/a1/terminate', body: { hard: false } }])
  })

  it('has its other endpoints below /v2, no matter which version the base URL ends with', async () => {
    const upstream = await startUpstream(sendJson({ services: ['editor'] }))
    for (const path of ['', '/', '/v1', '/v2/', '/proxy/v2']) {
      await clientOf(upstream, { apiUrl: upstream.url + path }).services()
    }
    const path = '/v2/account/acme/services'
    expect(upstream.received.map((request) => request.path)).toEqual([
      path,
      path,
      path,
      path,
      `/proxy${path}`,
    ])
  })

  it('is chosen by `apiVersion`', () => {
    // @ts-expect-error what JavaScript may pass
    const create = () => jamsocket({ account: 'a', service: 's', token: 't', apiVersion: 3 })
    expect(create).toThrow('`apiVersion` must be 1 or 2, got 3.')
  })
})

describe('two users who open one document at the same time', () => {
  it('get one backend and each their own token, by which the backend knows them', async () => {
    const mock = await createMockPlatform({
      services: { editor: { serve: (server) => void server.on('request', tellUser) } },
    })
    const { account, token, url: apiUrl } = mock
    const app = createSessionBackends({
      platform: jamsocket({ account, token, apiUrl, service: 'editor', apiVersion: 2 }),
      authorize: ({ request }) => ({
        user: request.headers.get('x-user') ?? 'nobody',
        auth: { admin: false },
      }),
    })
    onTestFinished(async () => {
      await app.close()
      await mock.close()
    })
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
    const sessions = await Promise.all(
      users.map((user) =>
        app.connect('doc', { request: new Request('http://app/', { headers: { 'x-user': user } }) }),
      ),
    )
    expect(new Set(sessions.map(({ name }) => name)).size).toBe(1)
    expect(new Set(sessions.map(({ url }) => url)).size).toBe(20)
    expect(sessions.filter(({ spawned }) => spawned)).toHaveLength(1)
    const seen = await Promise.all(sessions.map(async ({ url }) => (await fetch(url)).text()))
    expect(seen).toEqual(users)
  })
})

function tellUser(
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
) {
  response.end(request.headers['x-verified-username'])
}

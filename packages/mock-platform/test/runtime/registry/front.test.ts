import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRegistryFront } from '../../../src/runtime/registry/front.ts'

const digest = `sha256:${'0'.repeat(64)}`

let folder: string
let front: Server
/** A registry that says yes to everything. */
let upstream: Server
let url: string
/** What has reached it. */
let received: IncomingMessage[]
let answer: RequestListener

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'front-'))
  const socketPath = join(folder, 'socket')
  received = []
  answer = (_, response) => response.end('yes')
  upstream = createServer((request, response) => {
    received.push(request)
    answer(request, response)
  }).listen(socketPath)
  await once(upstream, 'listening')
  front = createServer(createRegistryFront({ account: 'acme', token: 'sek:ret', socketPath }))
  await once(front.listen(0, '127.0.0.1'), 'listening')
  const address = front.address()
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
})
afterEach(async () => {
  for (const server of [front, upstream]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true })
})

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`
const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${url}${path}`, { headers: { authorization: basic('acme:sek:ret') }, ...init })

describe('signing in to the registry', () => {
  it('is asked for, as Docker expects it', async () => {
    const response = await ask('/v2/', { headers: {} })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="/)
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0')
    expect(await response.json()).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: expect.any(String) }] })
  })

  it.each([
    ['a wrong token', basic('acme:secret')],
    ['another account', basic('other:sek:ret')],
    ['no name', basic(':sek:ret')],
    ['no password', basic('acme')],
    ['nothing', ''],
    ['another scheme', 'Bearer sek:ret'],
    ['what is no Base64', 'Basic acme:sek:ret'],
  ])('with %s is refused, and nothing reaches the registry', async (_, authorization) => {
    const paths = ['/v2/', '/v2/acme/editor/manifests/v1', '/v2/other/editor/manifests/v1', '/']
    for (const path of paths) expect((await ask(path, { headers: { authorization } })).status).toBe(401)
    expect(received).toEqual([])
  })

  it('with the account and its token is enough', async () => {
    expect((await ask('/v2/')).status).toBe(200)
  })
})

describe('the images of the account', () => {
  it.each([
    ['/v2/acme/editor/manifests/v1'],
    [`/v2/acme/editor/manifests/${digest}`],
    [`/v2/acme/editor/blobs/${digest}`],
    ['/v2/acme/editor/blobs/uploads/'],
    ['/v2/acme/editor/blobs/uploads/8a2c4f1e-0000-4000-8000-000000000000?_state=a-b_c%3D%3D'],
    [`/v2/acme/editor/blobs/uploads/?mount=${digest}&from=acme%2Fother-one`],
    ['/v2/acme/editor/tags/list?n=10'],
    ['/v2/acme/team/my-editor_2/manifests/latest'],
  ])('are served: %s', async (path) => {
    expect((await ask(path)).status).toBe(200)
    expect(received[0]?.url).toBe(path)
  })

  it.each([
    ['/'],
    ['/v2'],
    ['/v2/_catalog'],
    ['/v2/other/editor/manifests/v1'],
    ['/v2/acmes/editor/manifests/v1'],
    ['/v2/editor/manifests/v1'],
    ['/v2/acme/manifests/v1'],
    ['/v2/acme/editor/manifests/%2e%2e/other'],
    ['/v2/acme%2F..%2Fother/editor/manifests/v1'],
    ['/v2/acme/editor/blobs/uploads/x/../../../../../other/editor/manifests/v1'],
  ])('are all there is: %s is refused', async (path) => {
    const response = await ask(path)
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ errors: [{ code: 'DENIED' }] })
    expect(received).toEqual([])
  })
})

describe("what the registry's front passes on", () => {
  it('is the method, the host and the body, but not the token', async () => {
    answer = async (request, response) => {
      const body = await text(request)
      response.writeHead(201, { location: '/v2/acme/editor/blobs/x' }).end(`${request.method} ${body}`)
    }
    const response = await ask('/v2/acme/editor/blobs/uploads/', { method: 'POST', body: 'layer' })
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('/v2/acme/editor/blobs/x')
    expect(await response.text()).toBe('POST layer')
    expect(received[0]?.headers.host).toBe(new URL(url).host)
    expect(received[0]?.headers.authorization).toBeUndefined()
  })

  it('is not cut short unnoticed', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy())
    }
    const response = await ask(`/v2/acme/editor/blobs/${digest}`)
    await expect(response.text()).rejects.toThrow()
  })

  it('ends when the client leaves', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_, response) => void response.once('close', resolve).write('half')
    })
    const leaving = new AbortController()
    await ask(`/v2/acme/editor/blobs/${digest}`, {
      headers: { authorization: basic('acme:sek:ret') },
      signal: leaving.signal,
    })
    leaving.abort()
    await left
  })

  it('is answered with 502 if the registry does not answer', async () => {
    answer = (request) => request.socket.destroy()
    const get = await ask('/v2/')
    const put = await ask('/v2/acme/editor/manifests/v1', { method: 'PUT', body: 'x'.repeat(100_000) })
    for (const response of [get, put]) {
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ errors: [{ message: 'The registry does not answer.' }] })
    }
  })
})

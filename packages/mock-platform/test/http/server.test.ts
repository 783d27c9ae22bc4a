import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { text } from '../proxy/house.ts'
import { Client, startPlatform } from '../support/platform.ts'

/** A bare connection to a platform. */
function dial({ url }: { url: string }) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

describe('HEAD', () => {
  it('is answered as GET is, without the body', async () => {
    const client = new Client(await startPlatform())
    const { name } = await client.ready({}, 'memory')
    for (const path of [
      '/',
      '/auth',
      `/backend/${name}/status`,
      `/backend/${name}/status/stream`,
      `/backend/${name}/logs`,
      `/backend/${name}/ready`,
    ]) {
      const answer = await client.call(path, { method: 'HEAD' })
      const { status, headers, body } = await client.call(path)
      await body?.cancel()
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        status,
        headers.get('content-type'),
      ])
      expect(await answer.text()).toBe('')
    }
  })
})

describe('a target that is no URL', () => {
  it.each(['//', '/\\\\', '//[', 'http://', 'http://[/'])('%s is not found', async (target) => {
    const socket = dial(await startPlatform())
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
  })
})

describe('an upgrade that the platform does not know', () => {
  // As clients send it that would rather speak HTTP/2.
  const H2C = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'
  const JSON_BODY = 'Authorization: Bearer sekret\r\nContent-Type: application/json\r\n'

  it('is ignored, with nothing of the request lost: not its body, nor the requests that follow', async () => {
    const client = new Client(await startPlatform())
    const socket = dial(client.platform)
    for (const lock of ['one', 'two']) {
      const body = JSON.stringify({ lock })
      const head = `POST /user/acme/service/memory/spawn HTTP/1.1\r\n${H2C}${JSON_BODY}`
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`)
      socket.write(body.slice(5))
      const [answer] = await once(socket, 'data')
      expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
      expect((await client.fetchLock(lock, 'memory')).status).toBe(200)
    }
  })

  it('is ignored on the way to a backend as well', async () => {
    const client = new Client(
      await startPlatform({
        services: {
          echo: {
            serve: (server) =>
              void server.on('request', (request, response) => {
                response.write(`upgrade: ${request.headers.upgrade}, body: `)
                request.pipe(response)
              }),
          },
        },
      }),
    )
    const { pathname } = new URL((await client.ready({}, 'echo')).url)
    const socket = dial(client.platform)
    socket.write(`POST ${pathname} HTTP/1.0\r\n${H2C}Content-Length: 5\r\n\r\nhello`)
    expect(await text(socket)).toContain('\r\n\r\nupgrade: undefined, body: hello')
  })

  it('keeps no platform from closing, though its request is never answered', async () => {
    const { faults, close, url } = await startPlatform()
    faults.add({ kind: 'hang', endpoint: 'auth' })
    const socket = dial({ url })
    socket.write(`GET /auth HTTP/1.1\r\n${H2C}\r\n`)
    await vi.waitFor(() => expect(faults.active).toEqual([]))
    await close()
  })
})

describe('an upgrade behind a request that is not answered yet', () => {
  it.each(['websocket', 'h2c'])(
    'to %s is the end of its connection, and of nothing else',
    async (protocol) => {
      const client = new Client(await startPlatform())
      const { name } = await client.ready({}, 'memory')
      const socket = dial(client.platform)
      socket.write(`GET /backend/${name}/status/stream HTTP/1.1\r\nHost: x\r\n\r\n`)
      await once(socket, 'data')
      const closed = once(socket, 'close')
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
      await closed
      expect((await client.call('/auth')).status).toBe(200)
    },
  )
})

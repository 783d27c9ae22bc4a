import { once } from 'node:events'
import type { Server } from 'node:http'
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

  it('is ignored, and the body of the request arrives: in one packet or in two', async () => {
    const client = new Client(await startPlatform())
    for (const [lock, cut] of [
      ['one', 0],
      ['two', 5],
    ] as const) {
      const body = JSON.stringify({ lock })
      const head = `POST /user/acme/service/memory/spawn HTTP/1.1\r\n${H2C}${JSON_BODY}`
      const socket = dial(client.platform)
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, cut || undefined)}`)
      if (cut > 0) {
        await once(socket, 'ready')
        socket.write(body.slice(cut))
      }
      // Node drops what else is in the packet: the answer says that nothing follows it.
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/)
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

/** A platform with one backend, which answers when the test says so. */
async function startSlow() {
  const answers: (() => void)[] = []
  const serve = (server: Server) =>
    void server.on('request', (request, response) => {
      answers.push(() => response.end(`<answer to ${request.url}>`))
    })
  const client = new Client(await startPlatform({ services: { slow: { serve } } }))
  const { pathname } = new URL((await client.ready({}, 'slow')).url)
  return { client, pathname, answers }
}

describe('an upgrade behind a request that is not answered yet', () => {
  it.each(['websocket', 'h2c'])('to %s leaves the answer before it whole', async (protocol) => {
    const { client, pathname, answers } = await startSlow()
    const socket = dial(client.platform)
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
    if (protocol === 'h2c') await vi.waitFor(() => expect(answers).toHaveLength(2))
    for (const answer of answers) answer()
    const received = await text(socket)
    expect(received).toMatch(/^HTTP\/1\.1 200 [\s\S]*<answer to \/>/)
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 200',
      protocol === 'h2c' ? 'HTTP/1.1 200' : 'HTTP/1.1 400',
    ])
    expect((await client.call('/auth')).status).toBe(200)
  })

  it('that node answers itself, as one without Host, ends the connection and not the platform', async () => {
    const client = new Client(await startPlatform())
    for (const first of ['GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n']) {
      const socket = dial(client.platform)
      socket.write(
        `${first}GET /p/x/y/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      )
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 4(00|17) /)
    }
    expect((await client.call('/auth')).status).toBe(200)
  })
})

describe('pipelined requests', () => {
  it('get their answers in order, 30 at once without a warning', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    onTestFinished(() => void process.off('warning', warned))
    const { client, pathname, answers } = await startSlow()
    const requests = Array.from({ length: 30 }, (_, i) => `GET ${pathname}${i} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const socket = dial(client.platform)
    socket.write(requests.join(''))
    await vi.waitFor(() => expect(answers).toHaveLength(30))
    for (const answer of answers.splice(0).reverse()) answer()
    let received = ''
    for await (const chunk of socket) {
      received += chunk
      if (received.includes('<answer to /29>')) break
    }
    expect(received.match(/(?<=<answer to \/)\d+/g)?.map(Number)).toEqual(requests.map((_, i) => i))
    expect(warned).not.toHaveBeenCalled()
  })
})

describe('a request with an absolute-form target', () => {
  it('reaches the API and the backend as one with a path does, and its host is the one that counts', async () => {
    const serve = (server: Server) =>
      void server.on('request', (request, response) => response.end(`${request.headers.host} ${request.url}`))
    const client = new Client(await startPlatform({ services: { echo: { serve } } }))
    const { pathname } = new URL((await client.ready({}, 'echo')).url)
    const ask = (target: string) => {
      const socket = dial(client.platform)
      socket.write(
        `GET ${target} HTTP/1.1\r\nHost: other\r\nAuthorization: Bearer sekret\r\nConnection: close\r\n\r\n`,
      )
      return text(socket)
    }
    expect(await ask('http://docs.example:81/auth')).toMatch(/^HTTP\/1\.1 200 [\s\S]*"ok"/)
    expect(await ask(`HTTP://docs.example:81${pathname}a?b`)).toContain('\r\n\r\ndocs.example:81 /a?b')
  })
})

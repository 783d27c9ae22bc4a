import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import * as v from 'valibot'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { readBody } from '../../src/http/body.ts'

const Schema = v.object({ name: v.string() })

/** A client that says how long its body is and sends this much of it, and what the server has of it by then. */
async function send(body: string, length = body.length) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const arrived = new Promise<Parameters<RequestListener>>((resolve) => {
    server.once('request', (...exchange) => resolve(exchange))
  })
  const address = server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
    server.close()
    server.closeAllConnections()
  })
  const head = `host: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${length}`
  socket.write(`POST / HTTP/1.1\r\n${head}\r\n\r\n${body}`)
  const [request, response] = await arrived
  return { socket, request, response }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a body', () => {
  it('has the shape that is asked for', async () => {
    const { request } = await send('{"name":"new"}')
    expect(await readBody(request, Schema)).toEqual({ name: 'new' })
  })

  it('of another shape is refused by the field that is wrong', async () => {
    const { request } = await send('{"name":1}')
    await expect(readBody(request, Schema)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/^name: /),
    })
  })

  it('that is too long is refused, and read on: the answer arrives', async () => {
    const { socket, request, response } = await send('x'.repeat(1024 * 1024))
    await expect(readBody(request, Schema)).rejects.toMatchObject({ code: 'payload_too_large' })
    await once(request, 'end')
    response.writeHead(413).end()
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('that its client cuts off is not read as JSON', async () => {
    const { socket, request } = await send('{"name":', 14)
    const reading = readBody(request, Schema)
    socket.destroy()
    await expect(reading).rejects.toMatchObject({ code: 'bad_request', message: 'The body was cut off.' })
  })

  it('is waited for no longer than 10 s', async () => {
    const { request } = await send('{"name":', 14)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const reading = readBody(request, Schema)
    vi.advanceTimersByTime(10_000)
    await expect(reading).rejects.toMatchObject({ code: 'bad_request', status: 408 })
  })
})

import { once } from 'node:events'
import { connect, createServer, type Http2ServerResponse } from 'node:http2'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { nodeCaller } from '../../src/bridges/node-caller.ts'
import { deferred } from '../support/deferred.ts'
import { listen } from '../support/listen.ts'

/** A client that waits for an answer, and the server's view of it. */
async function setUp() {
  const arrived = deferred<Parameters<Parameters<typeof listen>[0]>[1]>()
  const url = await listen((_, response) => arrived.resolve(response))
  const client = new AbortController()
  const answer = fetch(url, { signal: client.signal })
  answer.catch(() => {})
  const response = await arrived.promise
  return { client, answer, response, caller: nodeCaller(response) }
}

/** The same over HTTP/2. */
async function setUpHttp2() {
  const arrived = deferred<Http2ServerResponse>()
  const server = createServer((_, response) => arrived.resolve(response)).listen(0)
  await once(server, 'listening')
  const address = server.address()
  const session = connect(`http://localhost:${typeof address === 'object' ? address?.port : ''}`)
  onTestFinished(() => {
    session.close()
    server.close()
  })
  const stream = session.request({ ':path': '/doc' })
  return { stream, response: await arrived.promise }
}

describe('the client of a Node request', () => {
  it('has left when its connection ends before the answer', async () => {
    const { client, response, caller } = await setUp()
    const heard = vi.fn()
    caller.onLeave(heard)
    const { signal } = caller
    expect([caller.left, signal.aborted]).toEqual([false, false])
    client.abort()
    await once(response, 'close')
    expect([caller.left, signal.aborted, caller.signal]).toEqual([true, true, signal])
    expect(heard).toHaveBeenCalledOnce()
  })

  it('has not left when it has its answer', async () => {
    const { answer, response, caller } = await setUp()
    const heard = vi.fn()
    caller.onLeave(heard)
    response.end('done')
    await Promise.all([once(response, 'close'), answer.then((got) => got.text())])
    expect([caller.left, caller.signal.aborted]).toEqual([false, false])
    expect(heard).not.toHaveBeenCalled()
  })

  it('has left when its HTTP/2 stream ends before the answer', async () => {
    const { stream, response } = await setUpHttp2()
    const caller = nodeCaller(response)
    expect(caller.left).toBe(false)
    stream.close()
    await once(caller.signal, 'abort')
    expect(caller.left).toBe(true)
  })

  it('has left when its HTTP/2 stream ended while earlier middleware was at work', async () => {
    const { stream, response } = await setUpHttp2()
    stream.close()
    await once(response, 'close')
    expect(nodeCaller(response).left).toBe(true)
  })
})

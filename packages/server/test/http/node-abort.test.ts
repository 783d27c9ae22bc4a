import { once } from 'node:events'
import { connect, createServer, type Http2ServerResponse } from 'node:http2'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { nodeAbort } from '../../src/http/node-abort.ts'
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
  return { client, answer, response, abort: nodeAbort(response) }
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

describe('the abort of a Node request', () => {
  it('comes when the connection ends before the answer', async () => {
    const { client, response, abort } = await setUp()
    const heard = vi.fn()
    abort.onAbort(heard)
    const { signal } = abort
    expect([abort.aborted, signal.aborted]).toEqual([false, false])
    client.abort()
    await once(response, 'close')
    expect([abort.aborted, signal.aborted, abort.signal]).toEqual([true, true, signal])
    expect(heard).toHaveBeenCalledOnce()
  })

  it('does not come when the client has its answer', async () => {
    const { answer, response, abort } = await setUp()
    const heard = vi.fn()
    abort.onAbort(heard)
    response.end('done')
    await Promise.all([once(response, 'close'), answer.then((got) => got.text())])
    expect([abort.aborted, abort.signal.aborted]).toEqual([false, false])
    expect(heard).not.toHaveBeenCalled()
  })

  it('comes when the HTTP/2 stream ends before the answer', async () => {
    const { stream, response } = await setUpHttp2()
    const abort = nodeAbort(response)
    expect(abort.aborted).toBe(false)
    stream.close()
    await once(abort.signal, 'abort')
    expect(abort.aborted).toBe(true)
  })

  it('has already happened if the HTTP/2 stream ended during earlier middleware', async () => {
    const { stream, response } = await setUpHttp2()
    stream.close()
    await once(response, 'close')
    expect(nodeAbort(response).aborted).toBe(true)
  })
})

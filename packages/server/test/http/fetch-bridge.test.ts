import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { fromRequest, toResponse } from '../../src/http/fetch-bridge.ts'

function withBody(text: string, headers: Record<string, string>) {
  const pull = vi.fn((controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (text) controller.enqueue(new TextEncoder().encode(text))
    controller.close()
  })
  const body = new ReadableStream({ pull }, { highWaterMark: 0 })
  // Fetch asks for it where the body is a stream; its types don't know it.
  const init = { method: 'POST', headers, body, duplex: 'half' }
  return { pull, incoming: fromRequest(new Request('http://app.test/doc', init)) }
}

describe('the body of a Fetch API request', () => {
  it('is parsed', async () => {
    const { incoming } = withBody('{"a":1}', { 'content-type': 'application/json' })
    expect(await incoming.body()).toEqual({ a: 1 })
  })

  it('is not waited for if its length is 0', async () => {
    const { incoming, pull } = withBody('', { 'content-length': '0' })
    expect(await incoming.body()).toBeUndefined()
    expect(pull).not.toHaveBeenCalled()
  })

  it('that is too long is refused, and not read to its end', async () => {
    const cancel = vi.fn()
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel,
    })
    const init = { method: 'POST', body, duplex: 'half' }
    const incoming = fromRequest(new Request('http://app.test/doc', init))
    await expect(incoming.body()).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(cancel).toHaveBeenCalled()
  })

  it('that was read before is a bad request, and no missing body', async () => {
    const request = new Request('http://app.test/doc', { method: 'POST', body: '{}' })
    await request.text()
    await expect(fromRequest(request).body()).rejects.toMatchObject({ code: 'bad_request' })
  })
})

describe('the host of a Fetch API request', () => {
  it("is the URL's if the Request was made by hand", () => {
    expect(fromRequest(new Request('http://app.test:3000/doc')).header('host')).toBe('app.test:3000')
  })

  it('is the header that the client sent if a server made the Request', () => {
    const request = new Request('http://127.0.0.1:3000/doc', { headers: { host: 'app.test' } })
    expect(fromRequest(request).header('host')).toBe('app.test')
  })
})

describe('a stream as a Fetch API response', () => {
  /** A stream that goes on until its reader leaves, and what became of it. */
  function endless(signal?: AbortSignal) {
    const clock = new FakeClock()
    const ended = vi.fn()
    async function* body(left: AbortSignal) {
      try {
        while (!left.aborted) yield 'event'
      } finally {
        ended()
      }
    }
    const request = new Request('http://app.test/doc', signal ? { signal } : {})
    const response = toResponse({ status: 200, headers: {}, body }, request, clock)
    return { reader: response.body?.getReader() ?? expect.fail(), ended, clock }
  }

  it('ends when its reader cancels it', async () => {
    const { reader, ended } = endless()
    await reader.read()
    await reader.cancel()
    expect(ended).toHaveBeenCalled()
  })

  it("ends when the request's signal aborts", async () => {
    const client = new AbortController()
    const { reader, ended } = endless(client.signal)
    await reader.read()
    client.abort()
    while (!(await reader.read()).done);
    expect(ended).toHaveBeenCalled()
  })

  it("ends when its reader reads nothing for a minute, because some hosts don't report that it has left", async () => {
    const { reader, ended, clock } = endless()
    await reader.read()
    // The next event is ready by then, and waits to be taken.
    await new Promise(setImmediate)
    expect(clock.pending).toBe(1)
    clock.advance(59_999)
    await new Promise(setImmediate)
    expect(ended).not.toHaveBeenCalled()
    clock.advance(1)
    await vi.waitFor(() => expect(ended).toHaveBeenCalled())
    expect(clock.pending).toBe(0)
  })

  it('continues for a reader that reads something each minute', async () => {
    const { reader, ended, clock } = endless()
    for (let minute = 0; minute < 5; minute++) {
      await reader.read()
      await new Promise(setImmediate)
      clock.advance(59_000)
    }
    expect(ended).not.toHaveBeenCalled()
  })
})

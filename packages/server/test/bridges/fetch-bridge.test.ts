import { describe, expect, it, vi } from 'vitest'
import { fromRequest } from '../../src/bridges/fetch-bridge.ts'

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

  it('is not waited for, where its length says that there is none', async () => {
    const { incoming, pull } = withBody('', { 'content-length': '0' })
    expect(await incoming.body()).toBeUndefined()
    expect(pull).not.toHaveBeenCalled()
  })

  it('that was read before is a bad request, and no missing body', async () => {
    const request = new Request('http://app.test/doc', { method: 'POST', body: '{}' })
    await request.text()
    await expect(fromRequest(request).body()).rejects.toMatchObject({ code: 'bad_request' })
  })
})

describe('the host of a Fetch API request', () => {
  it('is that of its URL, where it was made by hand', () => {
    expect(fromRequest(new Request('http://app.test:3000/doc')).header('host')).toBe('app.test:3000')
  })

  it('is what the client sent, where a server made it', () => {
    const request = new Request('http://127.0.0.1:3000/doc', { headers: { host: 'app.test' } })
    expect(fromRequest(request).header('host')).toBe('app.test')
  })
})

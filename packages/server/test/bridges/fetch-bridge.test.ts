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
})

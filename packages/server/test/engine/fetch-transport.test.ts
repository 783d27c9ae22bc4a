import { systemClock } from '@session-backend/core/internal'
import { describe, expect, it } from 'vitest'
import { abortOf } from '../../src/common/lazy-abort.ts'
import { createFetchTransport } from '../../src/engine/fetch-transport.ts'
import { sendJson, startUpstream } from '../support/upstream.ts'

const request = {
  method: 'POST',
  path: '/spawn',
  headers: { 'content-type': 'application/json' },
  body: '{}',
} as const
const patience = (ms = 10_000) => ({ deadline: Date.now() + ms, clock: systemClock })

describe('a call by `fetch`, as in Bun', () => {
  it('returns the status, the headers and the text of the answer', async () => {
    const { url } = await startUpstream(sendJson({ ok: true }))
    expect(await createFetchTransport(url, 10_000).send(request, patience())).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: '{"ok":true}',
    })
  })

  it('rejects with `platform_timeout` at its deadline', async () => {
    const { url } = await startUpstream(() => {})
    const call = createFetchTransport(url, 10_000).send(request, patience(20))
    await expect(call).rejects.toMatchObject({ code: 'platform_timeout' })
  })

  it("rejects with the signal's reason when its caller leaves", async () => {
    const caller = new AbortController()
    const { url } = await startUpstream(() => caller.abort(new Error('left')))
    const abort = abortOf(caller.signal)
    await expect(createFetchTransport(url, 10_000).send(request, { ...patience(), abort })).rejects.toThrow(
      'left',
    )
  })

  it('rejects an answer of more than 1 MiB', async () => {
    const { url } = await startUpstream((response) => response.end(Buffer.alloc(2_000_000)))
    const call = createFetchTransport(url, 10_000).send(request, patience())
    await expect(call).rejects.toThrow('The answer is longer than 1048576 bytes.')
  })

  it('rejects once the transport is closed', async () => {
    const { url } = await startUpstream(() => {})
    const transport = createFetchTransport(url, 10_000)
    const call = transport.send(request, patience())
    await transport.close()
    await expect(call).rejects.toMatchObject({ code: 'platform_error' })
  })
})

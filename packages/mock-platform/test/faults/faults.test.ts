import * as undici from 'undici'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { AnswerFault } from '../../src/index.ts'
import { plainFetch } from '../support/contract.ts'
import { Client, startPlatform } from '../support/platform.ts'

type Kind<Fault = AnswerFault> = Fault extends AnswerFault ? Omit<Fault, 'endpoint'> : never

/** A fault of an endpoint, and a way to ask there, which does not check the answer. */
async function start(fault: Kind, endpoint: AnswerFault['endpoint'] = 'status') {
  const clock = new FakeClock()
  const client = new Client(await startPlatform({ clock }))
  const session = await client.ready({}, 'memory')
  const active = client.platform.faults.add({ ...fault, endpoint })
  const url = endpoint === 'status' ? session.statusUrl : `${session.statusUrl}/stream`
  const ask = (init: RequestInit = {}) => plainFetch(url, init)
  return { client, session, clock, active, url, ask }
}

describe('an answer', () => {
  it('that is delayed comes after the delay', async () => {
    const { clock, active, ask } = await start({ kind: 'delay', ms: 5000 })
    let answered = false
    const answer = ask().finally(() => {
      answered = true
    })
    await vi.waitFor(() => expect(active.strikes).toBe(1))
    clock.advance(4_999)
    // By the time of this answer the other one would have come.
    expect((await ask()).status).toBe(200)
    expect(answered).toBe(false)
    clock.advance(1)
    expect((await answer).status).toBe(200)
  })

  it('that hangs never comes, and the client may leave', async () => {
    const { client, active, ask } = await start({ kind: 'hang' })
    const leaving = new AbortController()
    const answer = ask({ signal: leaving.signal })
    await vi.waitFor(() => expect(active.strikes).toBe(1))
    leaving.abort()
    await expect(answer).rejects.toThrow('aborted')
    await client.platform.close()
  })

  it('that is reset is no answer', async () => {
    const { ask } = await start({ kind: 'reset' })
    await expect(ask()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect((await ask()).status).toBe(200)
  })

  it('that is an error has the error body, and Retry-After if it was asked for', async () => {
    const { ask } = await start({ kind: 'status', status: 429, retryAfter: 7 })
    const answer = await ask()
    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('7')
    expect(await answer.json()).toMatchObject({ error: { status: 429, code: 'too_many_requests' } })
  })

  it('that is garbage makes no sense', async () => {
    const { ask } = await start({ kind: 'garbage' })
    await expect((await ask()).json()).rejects.toThrow(SyntaxError)
  })

  it.each([
    ['status', 'status', 'application/json'],
    ['status/stream', 'status/stream', 'text/event-stream'],
    ['ready', 'ready', 'text/html'],
    ['v2/status', 'status', 'application/json'],
    ['v2/status/stream', 'status/stream', 'text/event-stream'],
    ['v2/logs', 'logs/stream', 'text/event-stream'],
  ] as const)('of %s that is garbage is of the right type', async (endpoint, path, type) => {
    const { client, session } = await start({ kind: 'garbage' }, endpoint)
    const version = endpoint.startsWith('v2/') ? '/v2' : ''
    const answer = await plainFetch(`${client.platform.url}${version}/backend/${session.name}/${path}`)
    expect(answer.headers.get('content-type')).toBe(type)
  })

  it('that is split comes byte by byte, whole', async () => {
    const { ask, client, session } = await start({ kind: 'split' }, 'status/stream')
    const { body } = await ask()
    const chunks: Buffer[] = []
    const reader = (body ?? new ReadableStream<Uint8Array>()).getReader()
    const text = () => Buffer.concat(chunks).toString()
    while (!text().includes('"Ready"')) {
      const { value } = await reader.read()
      chunks.push(Buffer.from(value ?? []))
    }
    expect(chunks.length).toBeGreaterThan(20)
    await client.terminate(session)
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(Buffer.from(next.value))
    }
    expect(text()).toContain('"Terminated"')
  })

  it.each([0, 1, 50, 150])('that is cut is lost after %i bytes', async (bytes) => {
    const { url } = await start({ kind: 'cut', bytes }, 'status/stream')
    // The agent that comes with Node 20 takes a chunked stream that is cut for a whole one. It serves every `fetch` of a
    // process in which it was loaded first.
    const dispatcher = new undici.Agent()
    onTestFinished(() => dispatcher.close())
    const answer = await undici.fetch(url, { dispatcher })
    let received = 0
    await expect(
      (async () => {
        for await (const chunk of answer.body ?? []) received += chunk.length
      })(),
    ).rejects.toThrow()
    expect(received).toBe(bytes)
  })
})

describe('a fault', () => {
  it('strikes as often as it should, in the order in which faults were added, and only at its own endpoint', async () => {
    const { client, ask, active } = await start({ kind: 'status', status: 503, times: 2 })
    client.platform.faults.add({ kind: 'status', endpoint: 'status', status: 500 })
    expect((await client.call('/auth')).status).toBe(200)
    const statuses = [await ask(), await ask(), await ask(), await ask()].map(({ status }) => status)
    expect(statuses).toEqual([503, 503, 500, 200])
    expect(active.strikes).toBe(2)
  })

  it('can strike always, until it is removed or all are cleared', async () => {
    const { client, ask, active } = await start({
      kind: 'status',
      status: 503,
      times: Number.POSITIVE_INFINITY,
    })
    for (let i = 0; i < 5; i++) expect((await ask()).status).toBe(503)
    active.remove()
    expect((await ask()).status).toBe(200)
    client.platform.faults.add({ kind: 'hang', endpoint: 'status' })
    client.platform.faults.clear()
    expect((await ask()).status).toBe(200)
  })

  it.each([
    ['kind', { kind: 'explode', endpoint: 'status' }],
    ['endpoint', { kind: 'hang', endpoint: 'nowhere' }],
    ['status', { kind: 'status', endpoint: 'status', status: 200 }],
    ['ms', { kind: 'delay', endpoint: 'status', ms: -1 }],
    ['times', { kind: 'lost', times: 0 }],
    ['bytes', { kind: 'cut', endpoint: 'status', bytes: 1.5 }],
    ['endpoint', { kind: 'lost', endpoint: 'status' }],
  ])('with a wrong %s is refused: %j', async (field, fault) => {
    const { faults } = await startPlatform()
    // @ts-expect-error what callers without types may do
    expect(() => faults.add(fault)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(field) }),
    )
  })
})

describe('a backend', () => {
  it('that is stuck stays Loading, until it is terminated', async () => {
    const client = new Client(await startPlatform())
    client.platform.faults.add({ kind: 'stuck-loading' })
    const session = await client.spawn({ lock: 'doc' }, 'memory')
    client.platform.clock.advance(3_600_000)
    expect((await client.spawn({ lock: 'doc' }, 'memory')).status).toBe('Loading')
    await client.terminate(session)
    expect(await client.until(session)).toEqual(['Loading', 'Terminated'])
  })

  it('that starts slowly is Ready later', async () => {
    const client = new Client(await startPlatform({ clock: new FakeClock() }))
    client.platform.faults.add({ kind: 'slow-start', ms: 20_000 })
    const session = await client.spawn({}, 'memory')
    await client.until(session, 'Starting')
    client.platform.clock.advance(19_000)
    expect((await (await client.call(`/backend/${session.name}/status`)).json()).state).toBe('Starting')
    await vi.waitFor(async () => {
      client.platform.clock.advance(1_000)
      expect((await (await client.call(`/backend/${session.name}/status`)).json()).state).toBe('Ready')
    })
  })

  it('that is to be lost is Lost as soon as it is Ready, and the next one is not', async () => {
    const client = new Client(await startPlatform())
    client.platform.faults.add({ kind: 'lost' })
    const session = await client.spawn({ lock: 'doc' }, 'memory')
    expect(await client.until(session)).toEqual(['Loading', 'Starting', 'Ready', 'Lost'])
    const next = await client.ready({ lock: 'doc' }, 'memory')
    expect(next.spawned).toBe(true)
  })
})

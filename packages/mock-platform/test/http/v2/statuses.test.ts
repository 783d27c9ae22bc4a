import { isBackendState } from '@jamsocket/types'
import { type BackendState, watchStatus } from '@session-backend/core'
import { describe, expect, it } from 'vitest'
import { startPlatform } from '../../support/platform.ts'
import { ClientV2 } from './client.ts'

const STARTED = ['scheduled', 'loading', 'starting', 'waiting', 'ready'].map((status) => ({ status }))

async function inOurWords(statusUrl: string): Promise<BackendState['state'][]> {
  const states: BackendState['state'][] = []
  for await (const { state } of watchStatus(statusUrl)) states.push(state)
  return states
}

describe('the statuses of a backend', () => {
  it('tell of a soft termination, in both vocabularies', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect()
    await client.reached(answer, 'ready')
    expect((await client.end(answer)).status).toBe(200)
    const end = { termination_reason: 'external', termination_kind: 'soft' }
    expect(await client.history(answer)).toEqual([
      ...STARTED,
      { status: 'terminating', ...end },
      { status: 'terminated', ...end },
    ])
    const inV2 = await inOurWords(answer.status_url)
    expect(inV2).toEqual(['Loading', 'Starting', 'Ready', 'Terminated'])
    const { url } = client.platform
    expect(await inOurWords(`${url}/backend/${answer.backend_id}/status`)).toEqual(inV2)
  })

  it('tell of a hard termination, which waits for nothing', async () => {
    const client = new ClientV2(await startPlatform())
    const spawn = { executable: { env: { IGNORE_TERM: '1' } } }
    const answer = await client.connect({ spawn }, 'editor')
    await client.reached(answer, 'ready')
    await client.end(answer, true)
    const end = { termination_reason: 'external', termination_kind: 'hard' }
    expect((await client.history(answer)).slice(-2)).toEqual([
      { status: 'hard-terminating', ...end },
      { status: 'terminated', ...end },
    ])
  })

  it.each([
    ['0', false, 'Exited'],
    ['3', true, 'Failed'],
  ])('tell of an exit with %s', async (code, exit_error, state) => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect({}, 'editor')
    await client.reached(answer, 'ready')
    await fetch(`${answer.url}exit`, { headers: { 'x-code': code } }).catch(() => {})
    expect(await client.history(answer)).toEqual([...STARTED, { status: 'terminated', exit_error }])
    expect((await inOurWords(answer.status_url)).at(-1)).toBe(state)
  })

  it('tell of the limits: idle for too long, alive for too long', async () => {
    const client = new ClientV2(await startPlatform())
    const idle = await client.connect({ spawn: { max_idle_seconds: 10 } })
    const old = await client.connect({ spawn: { lifetime_limit_seconds: 20 } })
    await Promise.all([client.reached(idle, 'ready'), client.reached(old, 'ready')])
    client.platform.clock.advance(10_000)
    expect((await client.history(idle)).at(-1)).toMatchObject({ termination_reason: 'swept' })
    await client.reached(old, 'ready')
    client.platform.clock.advance(10_000)
    expect(await inOurWords(old.status_url)).toEqual(['Loading', 'Starting', 'Ready', 'Swept'])
  })

  it('tell of a start that fails, and of a backend that is lost', async () => {
    const client = new ClientV2(await startPlatform())
    const missing = await client.connect({ spawn: { tag: 'nope' } })
    expect(await inOurWords(missing.status_url)).toEqual(['Loading', 'ErrorLoading'])
    const lost = await client.connect()
    await client.reached(lost, 'ready')
    client.platform.faults.lose(lost.backend_id)
    expect((await inOurWords(lost.status_url)).at(-1)).toBe('Lost')
  })

  it('go on after the one that was received, and are what the official types say', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect()
    await client.end(answer)
    await client.reached(answer, 'terminated')
    const whole = await (await fetch(`${answer.status_url}/stream`)).text()
    const [, second = ''] = whole.match(/(?<=^id: ).*$/gm) ?? []
    const stream = await fetch(`${answer.status_url}/stream`, { headers: { 'last-event-id': second } })
    expect(await stream.text()).not.toContain('"loading"')
    const states = [...whole.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data))
    expect(states.every(isBackendState)).toBe(true)
  })

  it('may be read by any page', async () => {
    const client = new ClientV2(await startPlatform())
    const { status_url } = await client.connect()
    for (const url of [status_url, `${status_url}/stream`]) {
      const response = await fetch(url, { method: 'OPTIONS' })
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
    }
  })
})

describe('termination', () => {
  it('of a backend that has ended is refused with the code that the official command line knows', async () => {
    const client = new ClientV2(await startPlatform())
    const answer = await client.connect()
    await client.end(answer)
    await client.reached(answer, 'terminated')
    const refusal = await client.end(answer)
    expect([refusal.status, (await refusal.json()).error.code]).toEqual([409, 'BackendNotRunning'])
  })
})

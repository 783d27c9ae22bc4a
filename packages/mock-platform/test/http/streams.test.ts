import { once } from 'node:events'
import { connect } from 'node:net'
import { HEARTBEAT, HEARTBEAT_INTERVAL } from '@session-backend/core/internal'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { ServeContext } from '../../src/options/options.ts'
import { Client, startPlatform } from '../support/platform.ts'

/** A platform with one backend that is Ready, and whose log the test writes. */
async function start() {
  let log: ServeContext['log'] = () => {}
  const services = {
    editor: {
      serve: (_server: unknown, context: ServeContext) => {
        log = context.log
      },
    },
  }
  const clock = new FakeClock()
  const client = new Client(await startPlatform({ services, clock }))
  const session = await client.ready()
  /** Opens a stream below the backend. */
  const open = async (path: string, headers = {}) => {
    const response = await client.call(`/backend/${session.name}/${path}`, { headers })
    return (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
  }
  return { client, session, clock, open, log: (line: string) => log(line) }
}

/** Reads until the text has come, and returns all of it. */
async function readUntil(reader: ReadableStreamDefaultReader<string>, text: string): Promise<string> {
  let received = ''
  while (!received.includes(text)) {
    const { done, value } = await reader.read()
    if (done) throw new Error(`It ended after ${received}`)
    received += value
  }
  return received
}

describe('a stream', () => {
  it('numbers its events, and goes on after the one that was received', async () => {
    const { client, session, open } = await start()
    const first = await open('status/stream')
    const text = await readUntil(first, '"Ready"')
    const [feed] = /(?<=^id: )\w+/.exec(text) ?? []
    expect(text).toMatch(new RegExp(`^id: ${feed}:1\n.*\n\nid: ${feed}:2\n.*\n\nid: ${feed}:3\n`))
    await first.cancel()
    const second = await open('status/stream', { 'last-event-id': `${feed}:2` })
    expect(await readUntil(second, '"Ready"')).toMatch(/^id: \w+:3\n/)
    const third = await open('status/stream', { 'last-event-id': `${feed}:3` })
    await client.terminate(session)
    expect(await readUntil(third, '"Terminated"')).toMatch(/^id: \w+:4\n/)
    expect((await third.read()).done).toBe(true)
  })

  it.each(['', '/v2'])(
    'answers 204 to a reader that has all of it, so that an EventSource stops: below %s/backend',
    async (version) => {
      const { client, session, log } = await start()
      log('one')
      await client.terminate(session)
      await client.until(session)
      for (const path of ['status/stream', version === '' ? 'logs' : 'logs/stream']) {
        const ask = (headers = {}) => client.call(`${version}/backend/${session.name}/${path}`, { headers })
        const ids = [...(await (await ask()).text()).matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id)
        const again = await ask({ 'last-event-id': ids.at(-1) })
        expect([path, again.status, await again.text()]).toEqual([path, 204, ''])
        if (ids.length > 1) expect((await ask({ 'last-event-id': ids.at(-2) })).status).toBe(200)
      }
    },
  )

  it.each(['x', '2', '-1', '1e3', '99999999999999999999', '8nyg2:3'])(
    'is sent whole if Last-Event-ID is not one of its ids: %s',
    async (id) => {
      const { open } = await start()
      expect(await readUntil(await open('status/stream', { 'last-event-id': id }), '"Ready"')).toMatch(
        /^id: \w+:1\n/,
      )
    },
  )

  it('is sent whole if Last-Event-ID names the stream but has no number', async () => {
    const { open } = await start()
    const text = await readUntil(await open('status/stream'), '"Ready"')
    const [feed] = /(?<=^id: )\w+/.exec(text) ?? []
    const again = await open('status/stream', { 'last-event-id': `${feed}:two` })
    expect(await readUntil(again, '"Ready"')).toBe(text)
  })

  it('shows every 15 s that it lives, and is silent otherwise', async () => {
    const { clock, open } = await start()
    const reader = await open('status/stream')
    await readUntil(reader, '"Ready"')
    clock.advance(HEARTBEAT_INTERVAL - 1)
    const next = reader.read()
    expect(await Promise.race([next, Promise.resolve('nothing')])).toBe('nothing')
    clock.advance(1)
    expect((await next).value).toBe(HEARTBEAT)
    clock.advance(2 * HEARTBEAT_INTERVAL)
    expect(await readUntil(reader, HEARTBEAT + HEARTBEAT)).toBe(HEARTBEAT + HEARTBEAT)
  })

  it('that is not read holds up nobody, and holds no more than is kept for everybody', async () => {
    const { client, session, clock, open, log } = await start()
    const { hostname, port } = new URL(client.platform.url)
    const slow = connect(Number(port), hostname)
    onTestFinished(() => void slow.destroy())
    slow.write(
      `GET /backend/${session.name}/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sekret\r\n\r\n`,
    )
    await once(slow, 'readable')
    const fast = await open('logs')
    for (let round = 0; round < 80; round++) {
      for (let i = 0; i < 100; i++) log(`line ${i} ${'x'.repeat(4000)}`)
      log(`end of round ${round}.`)
      await readUntil(fast, `end of round ${round}.`)
    }
    clock.advance(HEARTBEAT_INTERVAL)

    let lines = 0
    let heartbeats = 0
    await client.terminate(session)
    for await (const chunk of slow.setEncoding('latin1')) {
      lines += String(chunk).split('data: line').length - 1
      heartbeats += String(chunk).split(`\n${HEARTBEAT}`).length - 1
      if (String(chunk).endsWith('0\r\n\r\n')) break
    }
    // Those that its connection had taken, and the last half megabyte: of 32, it misses most.
    expect(lines).toBeGreaterThan(100)
    expect(lines).toBeLessThan(5_000)
    expect(heartbeats).toBe(0)
  })

  it('cannot be had as anything else', async () => {
    const { client, session } = await start()
    for (const path of ['status/stream', 'logs']) {
      const answer = await client.call(`/backend/${session.name}/${path}`, {
        headers: { accept: 'text/html' },
      })
      expect(answer.status).toBe(406)
    }
  })
})

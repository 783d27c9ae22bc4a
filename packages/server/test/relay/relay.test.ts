import { type BackendState, SessionBackendError } from '@session-backend/core'
import { describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { createKeyDerivation } from '../../src/engine/derive-key.ts'
import type { SessionBackendsOptions } from '../../src/index.ts'
import { createApp } from '../support/backends.ts'
import { deferred } from '../support/deferred.ts'
import { Feed, fakePlatform, iterate, sessionOf, stateAt } from '../support/fake-platform.ts'

const READY = [stateAt('Loading', 0), stateAt('Starting', 200), stateAt('Ready', 850)]
const HEARTBEAT = ':\n\n'
const END = 'id: b1:end\n\n'

function setUp(options: Partial<Omit<SessionBackendsOptions, 'platform'>> = {}, log: string[] = []) {
  const statuses = new Feed<BackendState>()
  const lines = new Feed<string>()
  lines.push(...log)
  const platform = fakePlatform({
    fetch: async () => sessionOf('b1', { spawned: false }),
    statusStream: (_, { signal } = {}) => statuses.open(signal),
    logs: (_, { signal } = {}) => lines.open(signal),
  })
  return { statuses, lines, platform, app: createApp({ platform, logs: true, ...options }) }
}

type App = ReturnType<typeof setUp>['app']

/** A browser that follows a stream. */
async function follow(app: App, path = '/doc/status', headers: Record<string, string> = {}) {
  const client = new AbortController()
  const response = await app.send(path, { headers, signal: client.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  return {
    leave: () => reader?.cancel(),
    async next() {
      return (await reader?.read())?.value
    },
    /** Everything up to the end of the stream. */
    async rest() {
      let text = ''
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
        text += read.value
      return text
    },
  }
}

const statesIn = (text: string) => [...text.matchAll(/^data: {"state":"(\w+)"/gm)].map(([, state]) => state)

// PROTOCOL.md: "Following a status stream".
describe('the status relay', () => {
  it('sends the whole history, then each status, and ends after a terminal one', async () => {
    const { app, statuses } = setUp()
    statuses.push(...READY)
    const follower = await follow(app)
    const text = follower.rest()
    statuses.push(stateAt('Swept', 9_000))
    statuses.end()
    expect(statesIn(await text)).toEqual(['Loading', 'Starting', 'Ready', 'Swept'])
  })

  it('follows the platform once, however many follow it, late ones included', async () => {
    const { app, statuses } = setUp()
    statuses.push(...READY)
    const followers = await Promise.all(Array.from({ length: 20 }, () => follow(app)))
    await followers[0]?.next()
    const late = await follow(app)
    const texts = Promise.all([...followers.slice(1), late].map((each) => each.rest()))
    statuses.push(stateAt('Exited', 2_000))
    statuses.end()
    for (const text of await texts) expect(statesIn(text)).toEqual(['Loading', 'Starting', 'Ready', 'Exited'])
    expect([statuses.opened, statuses.closed]).toEqual([1, 1])
  })

  it('ends with its last reader, and begins again with the next', async () => {
    const { app, statuses } = setUp()
    statuses.push(...READY)
    const [first, second] = [await follow(app), await follow(app)]
    await first.next()
    await second.next()
    await first.leave()
    expect(statuses.closed).toBe(0)
    await second.leave()
    await vi.waitFor(() => expect(statuses.closed).toBe(1))
    await (await follow(app)).next()
    expect(statuses.opened).toBe(2)
  })

  it('numbers its events, and skips those that Last-Event-ID says were received', async () => {
    const { app, statuses } = setUp()
    statuses.push(...READY, stateAt('Exited', 2_000))
    statuses.end()
    const text = await (await follow(app)).rest()
    expect([...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id)).toEqual(['b1:1', 'b1:2', 'b1:3', 'b1:end'])
    const rest = await (await follow(app, '/doc/status', { 'last-event-id': 'b1:2' })).rest()
    expect(statesIn(rest)).toEqual(['Ready', 'Exited'])
  })

  it.each(['b0:3', 'b1:0003', 'b1:', '3', 'b1:-1', 'b1:99999', 'x'.repeat(300)])(
    'sends everything if Last-Event-ID is %s, which is not an id of this backend',
    async (id) => {
      const { app, statuses } = setUp()
      statuses.push(...READY, stateAt('Exited', 2_000))
      statuses.end()
      const text = await (await follow(app, '/doc/status', { 'last-event-id': id })).rest()
      expect(statesIn(text)).toHaveLength(4)
    },
  )

  it('sends a comment every 15 s while nothing else is sent', async () => {
    const clock = new FakeClock()
    const { app, statuses } = setUp({ clock })
    statuses.push(stateAt('Loading', 0))
    const follower = await follow(app)
    expect(await follower.next()).toContain('event: timeline')
    expect(await follower.next()).toContain('"state":"Loading"')
    for (let times = 0; times < 3; times++) {
      const next = follower.next()
      await vi.waitFor(() => expect(clock.pending).toBe(1))
      clock.advance(14_999)
      expect(clock.pending).toBe(1)
      clock.advance(1)
      expect(await next).toBe(HEARTBEAT)
    }
    await follower.leave()
    await vi.waitFor(() => expect(clock.pending).toBe(0))
  })

  it('shows how a backend ended, though its lock is free by then, until the platform has forgotten it', async () => {
    const { app, platform, statuses } = setUp()
    platform.spawn = async () => sessionOf('b1')
    platform.fetch = async () =>
      Promise.reject(new SessionBackendError('not_running', 'No backend holds this lock.'))
    expect((await app.send('/doc/status')).status).toBe(404)
    await app.send('/doc', { method: 'POST' })
    statuses.push(stateAt('Loading', 0), stateAt('ErrorStarting', 40))
    statuses.end()
    for (let times = 0; times < 2; times++) {
      expect(statesIn(await (await follow(app)).rest())).toEqual(['Loading', 'ErrorStarting'])
    }
    expect((await app.send('/doc')).status).toBe(404)
    expect((await app.send('/other/status')).status).toBe(404)
    statuses.end({ error: new SessionBackendError('not_running', 'The platform ended the status stream.') })
    await expect((await follow(app)).rest()).rejects.toThrow()
    expect((await app.send('/doc/status')).status).toBe(404)
  })

  it('cuts the followers off when it can no longer follow, and tells the app once', async () => {
    const onError = vi.fn()
    const { app, statuses } = setUp({ onError })
    statuses.push(stateAt('Loading', 0))
    const followers = await Promise.all([follow(app), follow(app)])
    const ends = followers.map((follower) => expect(follower.rest()).rejects.toThrow())
    statuses.end({ error: new SessionBackendError('platform_error', 'sekret') })
    await Promise.all(ends)
    expect(onError).toHaveBeenCalledOnce()
    expect(JSON.stringify(app.log)).not.toContain('sekret')
    expect(app.log).toMatchObject([{ details: { code: 'platform_error', documentId: 'doc' } }])
  })
})

// PROTOCOL.md: "The timeline".
describe('the timeline', () => {
  const timelinesIn = (text: string) =>
    [...text.matchAll(/^event: timeline\ndata: (.+)$/gm)].map(([, data = '']) => JSON.parse(data))

  it('comes before each status, with all statuses so far and the time since the first', async () => {
    const { app, statuses } = setUp()
    statuses.push(...READY, stateAt('Exited', 2_000))
    statuses.end()
    const text = await (await follow(app)).rest()
    expect(timelinesIn(text).map(({ statuses }) => statuses.length)).toEqual([1, 2, 3, 4])
    expect(timelinesIn(text)[2]).toEqual({
      backend: 'b1',
      statuses: [
        { state: 'Loading', time: '2026-01-01T12:00:00.000Z', elapsed: 0 },
        { state: 'Starting', time: '2026-01-01T12:00:00.200Z', elapsed: 200 },
        { state: 'Ready', time: '2026-01-01T12:00:00.850Z', elapsed: 850 },
      ],
    })
  })

  async function failedStart(options: Parameters<typeof setUp>[0], log: string[], state = 'ErrorStarting') {
    const { app, statuses, lines, platform } = setUp(options, log)
    lines.end()
    statuses.push(stateAt('Loading', 0), stateAt(state as BackendState['state'], 500))
    statuses.end()
    platform.spawn = async () => sessionOf('b1')
    await app.send('/doc', { method: 'POST' })
    return timelinesIn(await (await follow(app)).rest()).at(-1)
  }

  it('holds no log unless the app has enabled it', async () => {
    expect(await failedStart({}, ['boom'])).not.toHaveProperty('log')
  })

  it('holds the tail of the log of a failed start, without the values that the backend was started with', async () => {
    let tokens = 0
    const options = { startupLog: true, spawn: () => ({ env: { TOKEN: `sesame-${++tokens}` } }) }
    const timeline = await failedStart(options, ['token sesame-1 is wrong', 'Error: boom'])
    expect(timeline.log).toEqual(['token [redacted] is wrong', 'Error: boom'])
    expect(tokens).toBe(1)
  })

  it('is not shown if another process, or a call whose answer was lost, started the backend', async () => {
    const spawn = vi.fn(() => ({ env: { TOKEN: 'sesame-2' } }))
    const { app, statuses, lines, platform } = setUp({ startupLog: true, spawn }, ['token sesame-1 is wrong'])
    lines.end()
    platform.spawn = async () => sessionOf('b1', { spawned: false })
    await app.send('/doc', { method: 'POST' })
    statuses.push(stateAt('ErrorStarting', 0))
    statuses.end()
    expect(timelinesIn(await (await follow(app)).rest()).at(-1)).not.toHaveProperty('log')
    expect([spawn.mock.calls.length, lines.opened]).toEqual([1, 0])
  })

  it('holds the log for the app that shows it, and not for one that does not, though both follow one stream', async () => {
    const { app, statuses, lines, platform } = setUp({ startupLog: true }, ['Error: boom'])
    const silent = createApp({ platform })
    lines.end()
    platform.spawn = async () => sessionOf('b1')
    await app.send('/doc', { method: 'POST' })
    statuses.push(stateAt('Loading', 0))
    const texts = await Promise.all([follow(silent), follow(app), follow(silent), follow(app)])
    const ends = Promise.all(texts.map((follower) => follower.rest()))
    statuses.push(stateAt('ErrorStarting', 500))
    statuses.end()
    const logs = (await ends).map((text) => timelinesIn(text).at(-1).log)
    expect(logs).toEqual([undefined, ['Error: boom'], undefined, ['Error: boom']])
    expect([statuses.opened, lines.opened]).toEqual([1, 1])
  })

  it.each(['Swept', 'Terminated'])('holds no log if the backend was ended on purpose: %s', async (state) => {
    expect(await failedStart({ startupLog: true }, ['boom'], state)).not.toHaveProperty('log')
  })

  it('holds no log of a backend that was Ready', async () => {
    const { app, statuses, lines } = setUp({ startupLog: true }, ['boom'])
    lines.end()
    statuses.push(...READY, stateAt('Failed', 2_000))
    statuses.end()
    expect(timelinesIn(await (await follow(app)).rest()).at(-1)).not.toHaveProperty('log')
  })
})

// PROTOCOL.md: "Following a log".
describe('the log relay', () => {
  it('is one stream from the platform; a late reader gets what there was', async () => {
    const { app, lines } = setUp({}, ['one', 'two'])
    const [first, second] = [await follow(app, '/doc/logs'), await follow(app, '/doc/logs')]
    expect(await first.next()).toBe('data: one\n\n')
    expect(await first.next()).toBe('data: two\n\n')
    const texts = Promise.all([first.rest(), second.rest()])
    lines.push('three')
    lines.end()
    expect(await texts).toEqual([`data: three\n\n${END}`, `data: one\n\ndata: two\n\ndata: three\n\n${END}`])
    expect(lines.opened).toBe(1)
  })

  it.each(['/doc/status', '/doc/logs'])(
    'answers 204 to a reader that has the end of %s, so that an EventSource stops, and the whole of another backend',
    async (path) => {
      const { app, platform, statuses, lines } = setUp({}, ['one'])
      statuses.push(...READY, stateAt('Exited', 2_000))
      statuses.end()
      lines.end()
      const text = await (await follow(app, path)).rest()
      const lastId = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? ''
      const again = await app.send(path, { headers: { 'last-event-id': lastId } })
      expect([again.status, await again.text()]).toEqual([204, ''])
      platform.fetch = async () => sessionOf('b2')
      expect((await app.send(path, { headers: { 'last-event-id': lastId } })).status).toBe(200)
    },
  )

  it('cuts a line that no reader could take, and goes on', async () => {
    const { app, lines } = setUp({}, ['one', 'x'.repeat(1_000_000), 'three'])
    lines.end()
    const [one, long = '', three] = (await (await follow(app, '/doc/logs')).rest()).split('\n\n')
    expect([one, three]).toEqual(['data: one', 'data: three'])
    expect(long).toMatch(/^data: x{32768} \[the rest of this line was cut\]$/)
  })

  it('can not be made to forge an event', async () => {
    const { app, lines } = setUp({}, ['a\r\n\r\nevent: evil\ndata: x\u001b[2J'])
    lines.end()
    const text = await (await follow(app, '/doc/logs')).rest()
    expect(text.split(/\n/).every((line) => /^(data: .*|id: b1:end|)$/.test(line))).toBe(true)
  })

  it('is off unless the app has enabled it', async () => {
    const app = createApp({ platform: fakePlatform({ logs: () => iterate(['one']) }) })
    expect((await app.send('/doc/logs')).status).toBe(404)
    expect(app.platform.calls).toEqual([])
  })

  it('answers 501 if the engine has no logs, before a stream begins', async () => {
    const { logs: _, ...platform } = fakePlatform()
    const app = createApp({ platform, logs: true })
    const response = await app.send('/doc/logs')
    expect([response.status, await response.json()]).toEqual([
      501,
      { error: { code: 'not_supported', message: 'This server cannot do that.' } },
    ])
    expect(app.platform.calls).toEqual([])
  })
})

describe('close', () => {
  it('lets an opening that is under way have its answer, then closes the platform', async () => {
    const spawned = deferred<ReturnType<typeof sessionOf>>()
    const decided = deferred<boolean>()
    const events: string[] = []
    const slow = fakePlatform({ spawn: () => spawned.promise })
    slow.close = async () => void events.push('closed')
    const late = createApp({ platform: slow, authorize: () => decided.promise })
    const opening = late.send('/doc', { method: 'POST' }).then((answer) => events.push(`${answer.status}`))
    const closing = late.close()
    decided.resolve(true)
    await vi.waitFor(() => expect(slow.calls).toHaveLength(1))
    expect(events).toEqual([])
    spawned.resolve(sessionOf('b1'))
    await Promise.all([opening, closing])
    expect(events.sort()).toEqual(['200', 'closed'])
    expect(late.log).toEqual([])
  })

  it('ends every stream that is relayed', async () => {
    const { app, statuses, lines } = setUp()
    statuses.push(...READY)
    const [status, log] = [await follow(app), await follow(app, '/doc/logs')]
    await status.next()
    await vi.waitFor(() => expect([statuses.opened, lines.opened]).toEqual([1, 1]))
    await app.close()
    await Promise.all([status.rest(), log.rest()])
    await vi.waitFor(() => expect([statuses.closed, lines.closed]).toEqual([1, 1]))
  })
})

// PROTOCOL.md: "If nobody holds the lock".
describe('two servers of an app', () => {
  const notRunning = async () => Promise.reject(new SessionBackendError('not_running', 'Nobody holds it.'))

  /** Two processes know nothing of each other: here, two platforms of different ids with one secret. */
  async function setUpServers() {
    const statuses = new Feed<BackendState>()
    const names: string[] = []
    const server = (parts: Parameters<typeof fakePlatform>[0] = {}) =>
      createApp({
        platform: fakePlatform({
          fetch: notRunning,
          spawn: async () => sessionOf('b1.x'),
          statusStream: (name) => {
            names.push(name)
            return statuses.open()
          },
          deriveKey: createKeyDerivation('sekret', 'editor'),
          ...parts,
        }),
        logs: true,
      })
    const [first, second, stranger] = [
      server(),
      server(),
      server({ deriveKey: createKeyDerivation('another', 'editor') }),
    ]
    const { ref } = await (await first.send('/doc', { method: 'POST' })).json()
    statuses.push(stateAt('Ready', 0), stateAt('Exited', 1))
    statuses.end()
    return { first, second, stranger, ref: encodeURIComponent(ref), names }
  }

  it('both tell a page how its backend ended, by the name that the page refers to', async () => {
    const { second, ref, names } = await setUpServers()
    expect((await second.send('/doc/status')).status).toBe(404)
    expect(statesIn(await (await follow(second, `/doc/status?ref=${ref}`)).rest())).toEqual([
      'Ready',
      'Exited',
    ])
    expect(names).toEqual(['b1.x'])
    expect((await second.send(`/doc/logs?ref=${ref}`)).status).toBe(200)
  })

  it('tell it nothing if the name is not signed, or signed for another document', async () => {
    const { second, stranger, ref, names } = await setUpServers()
    for (const other of [
      'b1.x',
      'b1.x.',
      '',
      '.',
      `x${ref}`,
      `${ref}x`,
      ref.replace('b1', 'b2'),
      'x'.repeat(1000),
    ]) {
      expect([other, (await second.send(`/doc/status?ref=${other}`)).status]).toEqual([other, 404])
    }
    expect((await second.send(`/other/status?ref=${ref}`)).status).toBe(404)
    expect((await stranger.send(`/doc/status?ref=${ref}`)).status).toBe(404)
    expect(names).toEqual([])
  })
})

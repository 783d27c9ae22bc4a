import { describe, expect, it } from 'vitest'
import { openingOf } from '../../src/request/opening.ts'
import { createApp, POST } from '../support/backends.ts'
import { fakePlatform } from '../support/fake-platform.ts'

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const NOW = 1_767_268_800_000

const at = (headers: Record<string, string>) =>
  openingOf((name) => new Headers(headers).get(name) ?? undefined, NOW)
const opened = (headers: Record<string, string>) => ({ ...POST, headers })

describe('the trace of a page', () => {
  it('reaches the platform and the environment of a new backend', async () => {
    const app = createApp({ spawn: () => ({ env: { BOARD: 'b' } }) })
    await app.send('/doc', opened({ traceparent: TRACEPARENT }))
    expect(app.platform.traces).toMatchObject([{ traceparent: TRACEPARENT }])
    expect(app.platform.calls).toMatchObject([{ request: { env: { BOARD: 'b', TRACEPARENT } } }])
  })

  it('is continued by `connect`', async () => {
    const app = createApp()
    await app.connect('doc', { headers: { traceparent: TRACEPARENT } })
    expect(app.platform.calls).toMatchObject([{ request: { env: { TRACEPARENT } } }])
  })

  it('does not replace a TRACEPARENT that the app gives the backend', async () => {
    const app = createApp({ spawn: () => ({ env: { TRACEPARENT: 'of the app' } }) })
    await app.send('/doc', opened({ traceparent: TRACEPARENT }))
    expect(app.platform.calls).toMatchObject([{ request: { env: { TRACEPARENT: 'of the app' } } }])
  })

  it.each([
    ['another form', 'evil'],
    ['two traces', `${TRACEPARENT}, ${TRACEPARENT}`],
    ['megabytes', TRACEPARENT.repeat(20_000)],
  ])('is ignored if it has %s: the document is opened, and nothing is logged', async (_, traceparent) => {
    const app = createApp()
    expect((await app.send('/doc', opened({ traceparent }))).status).toBe(200)
    expect(app.platform.calls).toEqual([{ name: 'spawn', request: { lock: 'editor/doc' } }])
    expect(app.platform.traces).toEqual([{ baggage: expect.stringMatching(/^session-backend\.route=/) }])
    expect(app.log).toEqual([])
  })

  it('never reaches the log, not even if the platform fails', async () => {
    const spawn = () => Promise.reject(new Error('down'))
    const app = createApp({ platform: fakePlatform({ spawn }) })
    await app.send(
      '/doc',
      opened({ traceparent: TRACEPARENT, baggage: 'session-backend.click=1767268800000' }),
    )
    expect(app.log).toHaveLength(1)
    expect(JSON.stringify(app.log)).not.toMatch(/4bf92f|1767268800000/)
  })
})

describe('the times of an opening', () => {
  it('are sent to the platform: of the click, the route, the grant and the spawn', async () => {
    const app = createApp()
    const click = Date.now()
    await app.send('/doc', opened({ baggage: `session-backend.click=${click}` }))
    const [headers] = app.platform.traces
    const members = (headers?.baggage ?? '').split(',').map((member) => member.split('='))
    expect(members.map(([name]) => name)).toEqual([
      'session-backend.click',
      'session-backend.route',
      'session-backend.authorized',
      'session-backend.spawn',
    ])
    const times = members.map(([, time]) => Number(time))
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(times[0]).toBe(click)
  })

  it('hold nothing else that the page sent', async () => {
    const app = createApp()
    const baggage = `userId=alice,session-backend.route=1767268800000,session-backend.click=${Date.now()};secret=1`
    await app.send('/doc', opened({ baggage }))
    expect(app.platform.traces[0]?.baggage).not.toMatch(/alice|secret|1767268800000/)
    expect(app.platform.traces[0]?.baggage?.length).toBeLessThan(200)
  })

  it.each([
    ['in the future', NOW + 1],
    ['over ten minutes ago', NOW - 600_001],
  ])('have no click that was %s', (_, click) => {
    expect(at({ baggage: `session-backend.click=${click}` }).times).toEqual({ route: NOW })
  })

  it('have a click of the last ten minutes', () => {
    expect(at({ baggage: `session-backend.click=${NOW - 600_000}` }).times).toEqual({
      click: NOW - 600_000,
      route: NOW,
    })
  })
})

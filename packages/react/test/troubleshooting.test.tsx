// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineProtocol, SessionBackendError } from '@session-backend/core'
import { createSessionBackends, type Platform, type SessionBackendsOptions } from '@session-backend/server'
import { act, cleanup, render } from '@testing-library/react'
import { Socket } from 'socket.io-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import { SessionBackendStatus, useSessionBackend } from '../src/index.ts'
import { messages } from '../src/messages.ts'
import { requestSession } from '../src/route/request-session.ts'
import { withDeadline } from '../src/route/with-deadline.ts'
import { socketIo } from '../src/socket-io.ts'
import { followStatus } from '../src/status/follow-status.ts'
import { platformStatus } from '../src/status/platform-status.ts'
import { createTestSessions, type TestSession, TestSessionProvider } from '../src/testing.ts'
import { createContext } from './support/context.ts'
import { openDocument, settle } from './support/render.tsx'
import { endBackend, openUntilConnected } from './support/steps.ts'
import { createPage } from './support/talk.ts'
import { createWorld, FakeSocket, sessionOf } from './support/world.ts'

// As after a deployment, when the files of the app that the tab has loaded are gone.
vi.mock('../src/status/following.ts', () => {
  throw new TypeError('Failed to fetch dynamically imported module')
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/troubleshooting.md'), 'utf8')

/** The messages of a table, in their order. */
function messagesOf(heading: string): string[] {
  const [, section = ''] = DOCUMENT.split(`\n## ${heading}\n`)
  const rows = section.split('\n## ', 1)[0]?.matchAll(/^\| `(.+?)` +\|/gm) ?? []
  return Array.from(rows, ([, message = '']) => message)
}

/** Code quotes can't stand within code quotes. */
const printed = (message: string) => message.replaceAll('`', "'")

describe('docs/troubleshooting.md has what the page says', () => {
  const CASES: [string, () => Promise<string> | string][] = [
    ['This document could not be opened.', () => shownWhen((room) => room.fails(anError()))],
    ['This is taking longer than usual.', () => shownWhen((room) => room.isOverdue())],
    ['Sign in first.', () => answered({ authorize: () => 'unauthenticated' })],
    ["You don't have access to this document.", () => answered({ authorize: () => 'forbidden' })],
    ['Your sign-in has expired. Sign in again.', () => closedWith(4401)],
    ['Another user has signed in. Reload the page.', connectedForAnother],
    ['There is no such route.', () => answered({}, '/api/sessions/more')],
    [
      "POST <url> answered 404 without a session: check 'endpoint'.",
      () => requested(async () => new Response('<h1>Not found</h1>', { status: 404 })),
    ],
    [
      "POST <url> answered 200 without a session: check 'endpoint'.",
      () => requested(async () => new Response('<h1>Our app</h1>', { status: 200 })),
    ],
    ['<url> could not be reached.', () => requested(() => Promise.reject(new TypeError('fetch failed')))],
    ['The server took too long to answer.', tookTooLong],
    ["This app's server is not set up correctly.", () => answered(failing('platform_misconfigured'))],
    ["The server isn't responding.", () => answered(failing('platform_error'))],
    ['The server did not answer in time.', () => answered(failing('platform_timeout'))],
    ['The server is busy.', () => answered(failing('platform_busy'))],
    [
      'Something went wrong on the server.',
      () => answered({ lock: () => Promise.reject(new Error('no database')) }),
    ],
    [
      'Too many documents are open at the moment. Try again later.',
      () => answered({ limits: { running: 1 } }),
    ],
    [
      'You opened too many documents in a short time. Try again later.',
      () => answered({ limits: { spawnsPerUser: { max: 1, seconds: 60 } } }),
    ],
    ["This document's server keeps crashing.", () => endedAs('Failed', 4)],
    ["This document's server has stopped.", () => endedAs('Exited', 1)],
    ["Could not connect to this document's server.", notConnected],
    ['The status stream sent no event within 6 s. The status is polled instead.', blockedStream],
    ['The code for status streams could not be loaded. The status is polled instead.', withoutCodeForStreams],
    ['The backend refused a message: close code 1007.', () => closedWith(1007)],
  ]

  it('in a row for each message', () => {
    expect(messagesOf('What the page says')).toEqual(CASES.map(([message]) => message))
  })

  it.each(CASES)('for "%s"', async (message, produce) => {
    expect(printed(await produce())).toBe(message)
  })
})

describe("docs/troubleshooting.md has what the browser's console says", () => {
  const CASES: [string, () => Promise<string> | string][] = [
    [
      '\'endpoint\' must be the path of your route, a string, got undefined. In React, wrap the app in <SessionBackendProvider endpoint="/api/sessions">.',
      withoutProvider,
    ],
    ["3 messages may not have been applied: set 'onUnsaved'.", warnedOfUnsaved],
    [
      "The backend sent a message 'moved', which the protocol doesn't have. It was ignored.",
      () => receivedByPage('moved'),
    ],
    [
      "The backend sent 'drawn', which isn't valid: x: Invalid type: Expected number but received \"left\". It was ignored.",
      () => receivedByPage('drawn'),
    ],
    ['Unsaved messages are kept in memory only: the browser has refused to store them.', withoutIndexedDB],
    ["256 events are already waiting: \"say\" can't be emitted. Raise 'maxQueued'.", emittedTooMuch],
  ]

  it('in a row for each message', () => {
    expect(messagesOf("What the browser's console says")).toEqual(CASES.map(([message]) => message))
  })

  it.each(CASES)('for "%s"', async (message, produce) => {
    expect(printed(await produce())).toContain(message)
  })
})

const Status = () => <SessionBackendStatus session={useSessionBackend('room')} />
const Phase = () => <p>{useSessionBackend('room').phase}</p>

const anError = () => new SessionBackendError('forbidden', 'No.')

/** The first text of `SessionBackendStatus`, and its notice. */
function shownWhen(happens: (room: TestSession) => void): string {
  const sessions = createTestSessions()
  const { container } = render(
    <TestSessionProvider sessions={sessions}>
      <Status />
    </TestSessionProvider>,
  )
  act(() => happens(sessions.of('room')))
  return [...container.querySelectorAll('span')].at(-1)?.textContent ?? ''
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** What the hook shows if the request for a session is answered so. */
async function requested(fetch: typeof globalThis.fetch, endpoint = '/api/sessions'): Promise<string> {
  const request = {
    endpoint: `http://app.test${endpoint}`,
    documentId: 'doc',
    fetch,
    signal: new AbortController().signal,
  }
  const message = await requestSession(request, 'POST').then(() => 'nothing', messageOf)
  return message.replace(`http://app.test${endpoint}/doc`, '<url>')
}

/** A platform whose backends start at once and run for ever. */
const PLATFORM: Platform = {
  id: 'fake',
  service: 'editor',
  sharesSessions: true,
  spawn: async ({ lock }) => sessionOf(lock, 'Ready'),
  fetch: () => Promise.reject(new SessionBackendError('not_running', 'No backend holds this lock.')),
  async *statusStream() {
    yield* []
    await new Promise(() => {})
  },
  async *logs(): AsyncGenerator<string> {},
  terminate: async () => {},
  close: async () => {},
}

function failing(code: SessionBackendError['code']): Partial<SessionBackendsOptions> {
  const spawn = () => Promise.reject(new SessionBackendError(code, 'the words of the platform'))
  return { platform: { ...PLATFORM, id: code, spawn } }
}

/** What the hook shows of the route's answer, for the second document that is opened. */
async function answered(options: Partial<SessionBackendsOptions>, endpoint?: string): Promise<string> {
  const { handle } = createSessionBackends({
    platform: { ...PLATFORM, id: JSON.stringify(options) },
    authorize: () => true,
    logger: { error() {} },
    ...options,
  })
  await handle(new Request('http://app.test/api/sessions/another', { method: 'POST' }))
  return requested((url) => handle(new Request(String(url), { method: 'POST' })), endpoint)
}

async function tookTooLong(): Promise<string> {
  const clock = new FakeClock()
  const late = withDeadline(clock, new AbortController().signal, () => new Promise<string>(() => {}))
  clock.advance(30_000)
  return late.catch(messageOf)
}

async function closedWith(code: number): Promise<string> {
  const page = await openUntilConnected()
  await page.does(() => page.sockets[0]?.drop(code))
  return page.session.error?.message ?? ''
}

async function endedAs(status: 'Failed' | 'Exited', times: number): Promise<string> {
  const page = await openUntilConnected()
  for (let time = 1; time <= times; time++) {
    await endBackend(page, status)
    if (page.session.phase === 'failed' || page.session.phase === 'ended') break
    await page.passes(6000)
    await page.does(() =>
      page
        .posts()
        .at(-1)
        ?.reply(sessionOf(`after-${time}`, 'Ready')),
    )
    await page.does(() => page.sockets.at(-1)?.open())
  }
  return page.session.error?.message ?? ''
}

async function notConnected(): Promise<string> {
  const page = await openUntilConnected()
  await page.does(() => page.sockets[0]?.drop(1006))
  return page.session.error?.message ?? ''
}

async function connectedForAnother(): Promise<string> {
  const connect = messages(defineProtocol({ toBackend: {}, toPage: {} }), { WebSocket: FakeSocket })
  const { context, controller } = createContext<object>()
  const first = connect({ ...context, session: { ...context.session, user: 'ada' } })
  void Promise.resolve(first).catch(() => {})
  const again = connect({ ...context, session: { ...context.session, user: 'ben' } })
  controller.abort()
  return Promise.resolve(again).then(() => '', messageOf)
}

async function blockedStream(): Promise<string> {
  const { options, clock } = createWorld()
  const request = {
    ...options,
    documentId: 'doc',
    signal: new AbortController().signal,
    session: sessionOf('a'),
  }
  return new Promise((resolve) => {
    void followStatus(platformStatus, request, (problem) => resolve(messageOf(problem))).next()
    setTimeout(() => clock.advance(6000))
  })
}

async function withoutCodeForStreams(): Promise<string> {
  const page = openDocument()
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await vi.waitFor(async () => {
    await settle()
    expect(page.session.error).toBeDefined()
  })
  return page.session.error?.message ?? ''
}

function withoutProvider(): string {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    render(<Phase />)
    return ''
  } catch (error) {
    return messageOf(error)
  }
}

async function warnedOfUnsaved(): Promise<string> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const page = createPage({ onUnsaved: undefined })
  const first = await page.open()
  const connection = await first.welcome()
  for (const x of [1, 2, 3]) connection.send('draw', { x })
  first.close()
  const second = await page.open()
  second.say({ type: 'forgotten', page: second.page() })
  return String(warn.mock.calls[0]?.[0])
}

async function receivedByPage(name: string): Promise<string> {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const opened = await createPage({ onError: undefined }).open()
  await opened.welcome()
  opened.say({ type: 'message', number: 0, name, content: { x: 'left' } })
  return messageOf(error.mock.calls[0]?.[0])
}

/** jsdom has no IndexedDB, like a browser that refuses to store anything. */
async function withoutIndexedDB(): Promise<string> {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const connect = messages(defineProtocol({ toBackend: {}, toPage: {} }), {
    WebSocket: FakeSocket,
    persist: true,
  })
  const { context } = createContext<object>()
  void connect(context)
  await vi.waitFor(() => expect(error).toHaveBeenCalled())
  return messageOf(error.mock.calls[0]?.[0])
}

function emittedTooMuch(): string {
  let socket: Socket | undefined
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function connect(this: Socket) {
    socket = this
    return this
  })
  void socketIo()(createContext<Record<string, () => void>>().context)
  try {
    for (let events = 0; events <= 256; events++) socket?.emit('say')
    return ''
  } catch (error) {
    return messageOf(error)
  }
}

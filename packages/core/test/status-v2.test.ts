import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BackendState, statusStreamUrl } from '../src/index.ts'
import {
  createStateParser,
  isForward,
  parseAnyState,
  parseConnectAnswer,
  parseV2State,
  TERMINATION_REASONS,
  V2_STATUSES,
} from '../src/internal.ts'

const time = '2026-01-01T12:00:00.000Z'
const EARLIER = ['scheduled', 'loading', 'starting', 'waiting', 'ready']

/** What a backend that got as far as `last` has ended as. */
function endAfter(last: string, end: Record<string, unknown>) {
  const parse = createStateParser()
  for (const status of EARLIER.slice(0, EARLIER.indexOf(last) + 1)) parse({ status, time })
  return parse({ status: 'terminated', time, ...end })?.state
}

describe('a live v2 status in our words', () => {
  it.each([
    ['scheduled', 'Loading'],
    ['loading', 'Loading'],
    ['starting', 'Starting'],
    ['waiting', 'Starting'],
    ['ready', 'Ready'],
    ['terminating', 'Ready'],
    ['hard-terminating', 'Ready'],
  ])('%s is %s', (status, state) => {
    expect(parseAnyState({ status, time, termination_reason: 'external' })).toEqual({ state, time })
  })
})

describe('the end of a v2 backend in our words', () => {
  it.each([
    ['nothing', { termination_reason: 'external' }, 'Terminated'],
    ['loading', { termination_reason: 'external' }, 'Terminated'],
    ['ready', { termination_reason: 'external', exit_error: true }, 'Terminated'],
    ['ready', { termination_reason: 'internalerror' }, 'Lost'],
    ['waiting', { termination_reason: 'lost' }, 'Lost'],
    ['ready', { termination_reason: 'swept' }, 'Swept'],
    ['ready', { termination_reason: 'keyexpired', exit_error: true }, 'Swept'],
    ['scheduled', {}, 'ErrorLoading'],
    ['loading', { exit_error: false }, 'ErrorLoading'],
    ['starting', { exit_error: true }, 'ErrorStarting'],
    ['waiting', { termination_reason: 'startuptimeout' }, 'TimedOutBeforeReady'],
    ['waiting', { exit_error: true }, 'ErrorStarting'],
    ['ready', {}, 'Terminated'],
    ['ready', { exit_error: null, termination_reason: null, termination_kind: null }, 'Terminated'],
    ['ready', { exit_error: false }, 'Exited'],
    ['ready', { exit_error: true }, 'Failed'],
    ['nothing', { termination_reason: 'startuptimeout', exit_error: false }, 'TimedOutBeforeReady'],
    ['nothing', { exit_error: true }, 'Failed'],
  ] as const)('after %s with %j is %s', (last, end, state) => {
    expect(endAfter(last, end)).toBe(state)
  })

  it('depends on the last status before any sign of it', () => {
    const parse = createStateParser()
    parse({ status: 'waiting', time })
    parse({ status: 'terminating', time, termination_reason: 'startuptimeout' })
    parse({ status: 'hard-terminating', time, termination_reason: 'startuptimeout' })
    expect(parse({ status: 'terminated', time, termination_reason: 'startuptimeout' })?.state).toBe(
      'TimedOutBeforeReady',
    )
  })
})

describe('a v2 status', () => {
  it('keeps what it says about its end', () => {
    const state = {
      status: 'terminated',
      time,
      termination_reason: 'swept',
      termination_kind: 'soft',
      exit_error: false,
    }
    expect(parseV2State({ ...state, more: 1 })).toEqual(state)
  })

  it("has Plane's time in ms since the epoch too", () => {
    expect(parseAnyState({ status: 'ready', time: Date.parse(time) })).toEqual({ state: 'Ready', time })
  })

  it.each([
    null,
    {},
    { status: 'ready' },
    { status: 'Ready', time },
    { status: 'ready', time: 1e300 },
    [],
    'ready',
  ])('cannot be read from %j', (value) => expect(parseV2State(value)).toBeUndefined())

  it("only moves forward, also in v1's words, for every reason of its end", () => {
    const end = fc.record(
      { termination_reason: fc.constantFrom(...TERMINATION_REASONS), exit_error: fc.boolean() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.subarray([...V2_STATUSES]), end, (statuses, rest) => {
        const parse = createStateParser()
        let current: BackendState | undefined
        for (const status of statuses) {
          const next = parse({ status, time, ...rest })
          expect(next && (next.state === current?.state || isForward(current?.state, next.state))).toBe(true)
          current = next
        }
      }),
    )
  })
})

describe('the address of a status stream', () => {
  it.each([
    ['https://api.example.com/backend/a/status', 'https://api.example.com/backend/a/status/stream'],
    ['https://api.example.com/v2/backend/a/status/', 'https://api.example.com/v2/backend/a/status/stream'],
    // Plane's is next to the status, not below it.
    ['http://127.0.0.1:8080/pub/b/a/status', 'http://127.0.0.1:8080/pub/b/a/status-stream'],
  ])('of %s is %s', (status, stream) => expect(statusStreamUrl(status)).toBe(stream))
})

describe('the answer to connect', () => {
  const answer = {
    backend_id: 'a1',
    spawned: true,
    status: 'scheduled',
    token: 'secret',
    url: 'https://a1.example.com/secret/',
    secret_token: null,
    status_url: 'https://api.example.com/v2/backend/a1/status',
    ready_url: 'https://api.example.com/ready/a1/secret/',
  }

  it('is a session', () => {
    expect(parseConnectAnswer(answer)).toEqual({
      name: 'a1',
      url: answer.url,
      readyUrl: answer.ready_url,
      statusUrl: answer.status_url,
      status: 'Loading',
      spawned: true,
    })
  })

  it('may be without a ready page', () => {
    const { ready_url: _, ...plane } = answer
    expect(parseConnectAnswer(plane).readyUrl).toBe(answer.url)
  })

  it('is refused where a part is missing or of another kind', () => {
    for (const part of ['backend_id', 'spawned', 'status', 'url', 'status_url']) {
      expect(() => parseConnectAnswer({ ...answer, [part]: 7 })).toThrow('not a backend')
    }
    expect(() => parseConnectAnswer(null)).toThrow('not a backend')
  })
})

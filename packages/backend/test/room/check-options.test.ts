import { describe, expect, it } from 'vitest'
import {
  defineProtocol,
  fencedFile,
  type ProtocolOptions,
  type RawOptions,
  runBackend,
} from '../../src/index.ts'

type OptionName =
  | keyof ProtocolOptions<unknown, unknown, object, never, never, never, never>
  | keyof RawOptions<unknown, unknown, object>

/** A wrong value of each option. */
const WRONG: { [Name in OptionName]: [got: unknown, message: string][] } = {
  open: [[undefined, '`open` must be a function, got undefined.']],
  authorize: [['forbidden', '`authorize` must be a function, got "forbidden".']],
  storage: [
    [
      'board',
      '`storage` must be an object with `read` and `write`, or a function that returns one, got "board".',
    ],
    [
      { read() {} },
      '`storage` must be an object with `read` and `write`, or a function that returns one, got an object with read.',
    ],
  ],
  opened: [[1, '`opened` must be a function, got 1.']],
  save: [[1, '`save` must be a function, got 1.']],
  beforeSave: [[1, '`beforeSave` must be a function, got 1.']],
  saved: [[null, '`saved` must be a function, got null.']],
  connected: [[[], '`connected` must be a function, got a list of 0.']],
  disconnected: [[{}, '`disconnected` must be a function, got an object with nothing.']],
  fromApp: [
    [1, '`fromApp` must be an object, got 1.'],
    [
      { message: {} },
      '`fromApp.message` must be a schema of a library that implements Standard Schema, got an object with nothing.',
    ],
  ],
  onError: [['log', '`onError` must be a function, got "log".']],
  autosave: [
    [200, '`autosave` must be an object, got 200.'],
    [{ delay: -1 }, '`autosave.delay` must be a number of at least 0 ms, got -1.'],
    [{ maxDelay: '1 s' }, '`autosave.maxDelay` must be a number of at least 0 ms, got "1 s".'],
  ],
  maxPayload: [[0, '`maxPayload` must be a number of at least 1 byte, got 0.']],
  maxBuffered: [['4 MB', '`maxBuffered` must be a number of at least 1 byte, got "4 MB".']],
  maxConnections: [[Number.NaN, '`maxConnections` must be a number of at least 1, got NaN.']],
  rate: [
    [10, '`rate` must be an object, got 10.'],
    [{ perSecond: '10' }, '`rate.perSecond` must be a number of at least 0, got "10".'],
    [{ burst: 0 }, '`rate.burst` must be a number of at least 1, got 0.'],
  ],
  pingInterval: [[0, '`pingInterval` must be a number of at least 1 ms, got 0.']],
  protocol: [['draw', '`protocol` must be made by `defineProtocol`, got "draw".']],
  messages: [
    [
      undefined,
      '`messages` must be an object with a function for each message of `toBackend`, got undefined.',
    ],
  ],
  message: [[undefined, '`message` must be a function, got undefined.']],
}

describe('the options of runBackend', () => {
  it.each(
    Object.entries(WRONG).flatMap(([name, wrong]) => wrong.map(([got, message]) => ({ name, got, message }))),
  )('must be right: $message', ({ name, got, message }) => {
    const messages =
      name === 'message' ? {} : { protocol: defineProtocol({ toBackend: {}, toPage: {} }), messages: {} }
    const options = { open: () => ({}), authorize: () => false, ...messages, [name]: got }
    expect(() => Reflect.apply(runBackend, undefined, [options])).toThrow(
      expect.objectContaining({ code: 'invalid_option', message }),
    )
  })
})

it('the path of fencedFile must be given', () => {
  expect(() => fencedFile(undefined)).toThrow('`path` must be the path of a folder, got undefined.')
})

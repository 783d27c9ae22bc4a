import { aFunction, aNumber, checkRules, type OptionRule } from '@session-backend/core/internal'

const anObject: OptionRule = {
  expected: 'an object',
  isValid: (value) => typeof value === 'object' && value !== null,
}

const ROOM: Readonly<Record<string, OptionRule>> = {
  open: { ...aFunction, required: true },
  authorize: { ...aFunction, required: true },
  storage: {
    expected: 'an object with `read` and `write`, or a function that returns one',
    isValid: (value) => typeof value === 'function' || hasMethods(value, 'read', 'write'),
  },
  opened: aFunction,
  save: aFunction,
  beforeSave: aFunction,
  saved: aFunction,
  connected: aFunction,
  disconnected: aFunction,
  fromApp: anObject,
  'fromApp.message': {
    expected: 'a schema of a library that implements Standard Schema',
    isValid: (value) => Object(value)['~standard'] !== undefined,
  },
  'fromApp.receive': aFunction,
  onError: aFunction,
  autosave: anObject,
  'autosave.delay': aNumber(0, 'ms'),
  'autosave.maxDelay': aNumber(0, 'ms'),
  maxPayload: aNumber(1, 'byte'),
  maxBuffered: aNumber(1, 'byte'),
  maxConnections: aNumber(1),
  rate: anObject,
  'rate.perSecond': aNumber(0),
  'rate.burst': aNumber(1),
  pingInterval: aNumber(1, 'ms'),
}
const WITH_PROTOCOL: Readonly<Record<string, OptionRule>> = {
  ...ROOM,
  protocol: { expected: 'made by `defineProtocol`', isValid: anObject.isValid },
  messages: {
    ...anObject,
    expected: 'an object with a function for each message of `toBackend`',
    required: true,
  },
}
const WITHOUT_PROTOCOL: Readonly<Record<string, OptionRule>> = {
  ...ROOM,
  message: { ...aFunction, required: true },
}

/** Checks what a caller without types may have got wrong. Throws `invalid_option`, which names the option. */
export function checkRoomOptions(options: object): void {
  checkRules(options, Reflect.get(options, 'protocol') === undefined ? WITHOUT_PROTOCOL : WITH_PROTOCOL)
}

function hasMethods(value: unknown, ...names: string[]): boolean {
  return names.every((name) => typeof Object(value)[name] === 'function')
}

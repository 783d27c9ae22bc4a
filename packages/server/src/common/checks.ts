import {
  aBoolean,
  aFunction,
  invalidOption,
  isLock,
  isRecord,
  MAX_LOCK_LENGTH,
  type OptionRule,
  RESERVED_ENV,
} from '@session-backend/core/internal'
import { isPlainText } from './plain-text.ts'

/** What an option must be. */
export interface Rule extends OptionRule {
  /** Whether the message has only the value's type, since the value may be a secret or doesn't print well. */
  readonly typeOnly?: boolean
}

/** Throws `invalid_option` unless the rule is met: "`x` must be …, got …". */
export function check(name: string, value: unknown, rule: Rule): void {
  if (rule.isValid(value)) return
  throw invalidOption(name, rule.expected, value, rule.typeOnly ? typeName(value) : undefined)
}

/** As {@link check}, for an option that may be left out. */
export function checkOptional(name: string, value: unknown, rule: Rule): void {
  if (value !== undefined) check(name, value, rule)
}

const isText = (value: unknown) => typeof value === 'string' && value !== '' && isPlainText(value)
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isFunction = (value: unknown) => typeof value === 'function'
const hasMethod = (name: string) => (value: unknown) => isRecord(value) && isFunction(value[name])

export const OBJECT: Rule = { expected: 'an object', isValid: isRecord }
export const FUNCTION: Rule = aFunction
export const BOOLEAN: Rule = aBoolean
export const TEXT: Rule = { expected: 'a string without control characters', isValid: isText }
export const POSITIVE: Rule = {
  expected: 'a number above 0',
  isValid: (value) => isNumber(value) && value > 0,
}
export const POSITIVE_INTEGER: Rule = {
  expected: 'a whole number above 0',
  isValid: (value) => isNumber(value) && Number.isSafeInteger(value) && value > 0,
}
export const SECONDS: Rule = {
  expected: 'a number of seconds, 0 or more',
  isValid: (value) => isNumber(value) && Number.isFinite(value) && value >= 0,
}
export const PATH: Rule = {
  expected: 'a path that starts with a slash',
  isValid: (value) => typeof value === 'string' && value.startsWith('/'),
}
export const ORIGIN: Rule = {
  expected: 'a list of origins such as `https://app.example.com`',
  isValid: (value) => typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value,
}
export const LOCK: Rule = {
  expected: `a string of 1 to ${MAX_LOCK_LENGTH} characters, without control characters`,
  isValid: (value) => isLock(value) && isPlainText(value),
}
export const TOKEN: Rule = {
  expected: 'a string of visible ASCII characters, without spaces',
  isValid: (value) => typeof value === 'string' && /^[!-~]+$/.test(value),
  typeOnly: true,
}
export const CLOCK: Rule = { expected: 'an object with `now` and `after`', isValid: hasMethod('after') }
export const LOGGER: Rule = {
  expected: 'an object with `error`, such as `console`',
  isValid: hasMethod('error'),
}
export const DISPATCHER: Rule = { expected: 'an undici dispatcher', isValid: hasMethod('dispatch') }
const PATH_PART: Rule = {
  expected: 'a string that can be part of a URL',
  isValid: (value) => isText(value) && value !== '.' && value !== '..',
}
/** Longer times overflow Node's timers. */
const TIMEOUT: Rule = {
  expected: 'a number of ms above 0, and less than 2^31',
  isValid: (value) => isNumber(value) && value > 0 && value < 2 ** 31,
}
const ENV_VALUE: Rule = {
  expected: 'a string without NUL',
  isValid: (value) => typeof value === 'string' && !value.includes('\0'),
  typeOnly: true,
}

/** One of the values. */
export function oneOf(...values: readonly (string | number)[]): Rule {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(' or '),
    isValid: (value) => values.some((each) => each === value),
  }
}

const DEFAULT_TIMEOUT = 10_000

/** The deadline of a call, in ms. */
export function checkTimeout(timeout: number = DEFAULT_TIMEOUT): number {
  check('timeout', timeout, TIMEOUT)
  return timeout
}

/** A part of a path: neither empty nor one of the two that a path can't carry. */
export function pathPart(value: string, name: string): string {
  check(name, value, PATH_PART)
  return value
}

/** Specification: the endpoints' paths come after the base URL, `/v1` or not. */
export function parseApiUrl(value: string, name = 'apiUrl'): { origin: string; prefix: string } {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    const expected = 'an http or https URL without credentials, query or fragment'
    const hasCredentials = url?.username || url?.password
    throw invalidOption(name, expected, value, hasCredentials ? 'a URL with credentials' : undefined)
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

export function checkLock(lock: string): string {
  check('lock', lock, LOCK)
  return lock
}

const RESERVED: readonly string[] = RESERVED_ENV

/** Checks a backend's environment variables. The names that the platform sets itself are refused. */
export function checkEnv<Env extends Readonly<Record<string, string>>>(env: Env, option = 'env'): Env {
  check(option, env, OBJECT)
  for (const [name, value] of Object.entries(env)) {
    if (RESERVED.includes(name)) {
      throw invalidOption(option, 'without the variables that the platform sets itself', env, name)
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw invalidOption(option, 'an object whose keys are names of variables', name)
    }
    check(`${option}.${name}`, value, ENV_VALUE)
  }
  return env
}

/** What a value is, for a message. Never the value itself: it may hold what no log should. */
export function typeName(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

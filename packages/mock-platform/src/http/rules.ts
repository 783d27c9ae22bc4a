/**
 * The rules of the API, each written once. The parsers of request bodies and the OpenAPI description are made
 * from them.
 */
import { isRecord, LOCK_PATTERN, MAX_LOCK_LENGTH, VERIFIABLE_PATTERN } from '@session-backend/core/internal'
import * as v from 'valibot'
import { SERVICE_NAME } from '../options/check.ts'

/** Names of variables that shells and every operating system accept. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Values of variables that every operating system accepts. */
const VARIABLE_VALUE = /^[^\0]*$/
/** The longest value of a header. Servers such as Node's refuse requests with more than 16 kB of headers. */
const MAX_VERIFIED = 4096

const LOCK_RULE = `Send 1 to ${MAX_LOCK_LENGTH} characters, without NUL and without half a surrogate pair`
const NAME_RULE = 'A variable has a name of A-Z, a-z, 0-9 and _, which does not begin with a digit'
const VERIFIED_RULE = `It reaches the backend in a header: send at most ${MAX_VERIFIED} characters, ASCII only`

/** An object; unknown fields are ignored. Valibot alone would take an array for one. */
export function object<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(v.custom<Record<string, unknown>>(isRecord, 'Send an object'), v.object(entries))
}

/** 1 to 128 characters; an emoji is one. */
export const Lock = v.pipe(v.string(), v.regex(LOCK_PATTERN, LOCK_RULE))

/** The variables that a spawn request adds. */
export const Variables = v.pipe(
  v.custom(isRecord, 'Send an object'),
  v.record(
    v.pipe(v.string(), v.regex(VARIABLE_NAME, NAME_RULE)),
    v.pipe(v.string(), v.regex(VARIABLE_VALUE, 'A variable takes no NUL')),
  ),
)

/** A user's name, which the proxy hands on in a header. */
export const User = v.pipe(
  v.string(),
  v.maxLength(MAX_VERIFIED, VERIFIED_RULE),
  v.regex(VERIFIABLE_PATTERN, VERIFIED_RULE),
)

/** A user's data, which the proxy hands on in a header as JSON. */
export const Auth = v.pipe(
  v.custom<Record<string, unknown>>(isRecord, 'Send an object'),
  v.check((auth) => v.is(User, JSON.stringify(auth)), VERIFIED_RULE),
)

/** A number of seconds. */
export const Seconds = v.pipe(v.number(), v.finite(), v.minValue(0))

/** The same rules as JSON Schema. */
export const RULE_SCHEMAS = {
  Lock: { type: 'string', pattern: LOCK_PATTERN.source },
  ServiceName: { type: 'string', pattern: SERVICE_NAME.source },
  Environment: {
    type: 'object',
    propertyNames: { pattern: VARIABLE_NAME.source },
    additionalProperties: { type: 'string', pattern: VARIABLE_VALUE.source },
  },
  UserName: { type: 'string', maxLength: MAX_VERIFIED, pattern: VERIFIABLE_PATTERN.source },
  UserData: {
    type: 'object',
    description: `As JSON at most ${MAX_VERIFIED} characters, ASCII only.`,
    // JSON Schema has no word for the text of an object.
    'x-json-text': { maxLength: MAX_VERIFIED, pattern: VERIFIABLE_PATTERN.source },
  },
  Seconds: { type: 'number', minimum: 0 },
} as const

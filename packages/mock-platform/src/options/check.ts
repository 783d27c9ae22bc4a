import { isIP } from 'node:net'
import type { Clock } from '@session-backend/core'
import * as v from 'valibot'
import { toBytes } from './memory.ts'
import { mustBe, optionError } from './option-error.ts'
import type { MockPlatformOptions } from './options.ts'

/** The name of a service: it is a part of URLs. */
export const SERVICE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/
export const ServiceName = v.pipe(v.string(), v.regex(SERVICE_NAME))

/** How many backends of a service may wait: each is a process, for instance. */
const MAX_WARM = 100

/** An option that may be left out. */
function optional<Schema extends v.GenericSchema>(expected: string, schema: Schema) {
  return v.optional(mustBe(expected, schema))
}

const port = optional(
  'an integer from 0 to 65535',
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
)
const seconds = optional('a number of at least 0 seconds', v.pipe(v.number(), v.finite(), v.minValue(0)))
const callback = optional('a function', v.function())
const path = optional('a path', v.pipe(v.string(), v.nonEmpty()))

const env = v.optional(v.record(v.string(), v.string()))
const ofService = {
  warm: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_WARM))),
  tags: v.optional(v.unknown()),
  watch: v.optional(v.array(v.string())),
  staticToken: v.optional(v.boolean()),
}
const WHAT_RUNS =
  'an object with one of `command` (a list: the program and its arguments), `serve` (a function) and `image`, and with the options of that one'
const Runnable = v.union([
  v.strictObject({
    command: v.tupleWithRest([v.pipe(v.string(), v.nonEmpty())], v.string()),
    cwd: v.optional(v.string()),
    env,
    ...ofService,
  }),
  v.strictObject({ serve: v.function(), env, ...ofService }),
  v.strictObject({
    image: v.pipe(v.string(), v.regex(/^\w[\w.:/@-]*$/)),
    env,
    memory: v.optional(v.custom<number | string>((value) => toBytes(value) !== undefined)),
    cpus: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0.01))),
    ...ofService,
  }),
])
const Service = v.pipe(
  v.custom<{ tags?: unknown }>((value) => v.is(Runnable, value), WHAT_RUNS),
  v.check(
    ({ tags }) => v.is(v.optional(v.record(v.string(), Runnable)), tags),
    `${WHAT_RUNS}, also for each of \`tags\``,
  ),
)
const ServicesByName = v.record(
  mustBe('a name of up to 63 letters, digits, - and _', ServiceName),
  Service,
  'an object with the services by their names',
)

/** What Docker takes for the first part of an image's name. */
const REPOSITORY = /^[a-z0-9]+(?:(?:_|__|-+)[a-z0-9]+)*$/

const Options = v.pipe(
  v.strictObject({
    port,
    dashboardPort: port,
    registryPort: port,
    host: optional('an address or the name of a host', v.pipe(v.string(), v.nonEmpty())),
    publicUrl: optional('an http or https URL without a path', v.pipe(v.string(), v.check(isOrigin))),
    account: optional(
      'a name of up to 63 letters, digits, - and _',
      v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,63}$/)),
    ),
    token: optional('a text of visible ASCII characters', v.pipe(v.string(), v.regex(/^[!-~]+$/))),
    services: v.optional(ServicesByName),
    gracePeriodSeconds: seconds,
    startTimeoutSeconds: seconds,
    dataDir: path,
    urls: optional('`path` or `subdomain`', v.picklist(['path', 'subdomain'])),
    clock: optional('a clock, as `createClock` makes them', v.custom<Clock>(isClock)),
    onStatus: callback,
    onLog: callback,
    onProblem: callback,
  }),
  v.forward(
    v.check(
      ({ urls, publicUrl }) => urls !== 'subdomain' || publicUrl === undefined || isNamed(publicUrl),
      'a URL whose host is a name, not an address: with `urls: "subdomain"` each backend has a name below it',
    ),
    ['publicUrl'],
  ),
  v.forward(
    v.check(
      ({ account, registryPort }) =>
        account === undefined || registryPort === undefined || REPOSITORY.test(account),
      "in lower case, as it is a part of the registry's image names",
    ),
    ['account'],
  ),
)

/** Whether the host of a URL is a name, below which there can be others. */
function isNamed(url: string): boolean {
  return isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) === 0
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
}

function isClock(value: unknown): boolean {
  return ['now', 'after', 'advance'].every((name) => typeof Object(value)[name] === 'function')
}

/** Checks what a caller without types may have got wrong. Throws `invalid_option`, which names the option. */
export function checkPlatformOptions(options: MockPlatformOptions): void {
  const { success, issues } = v.safeParse(Options, options)
  if (!success) throw optionError(issues[0], 'options')
}

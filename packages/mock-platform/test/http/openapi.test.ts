import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OPENAPI } from '../../src/http/v1/openapi.ts'
import { LONG } from '../support/long.ts'
import { Client, startPlatform } from '../support/platform.ts'

it('is public, and describes the answers that the tests check', async () => {
  const { url } = await startPlatform()
  const answer = await fetch(`${url}/openapi.json`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(OPENAPI)))
})

/** A validator of what is served, as any client's would be, with the one keyword that is not standard. */
function validatorOf(description: unknown) {
  const ajv = new Ajv2020({ strict: false, formats: { uri: true, 'date-time': true } })
  ajv.addKeyword({
    keyword: 'x-json-text',
    compile: (schema) => {
      const matches = ajv.compile({ type: 'string', ...schema })
      return (data) => matches(JSON.stringify(data))
    },
  })
  ajv.addSchema(Object(description), 'api')
  return (name: string, body: unknown) => {
    const validate = ajv.getSchema(`api#/components/schemas/${name}`)
    if (!validate) throw new Error(`There is no schema ${name}.`)
    return validate(body) === true
  }
}

/** Values on both sides of each limit, and values of the wrong kind. */
const odd = fc.constantFrom<unknown>(null, '', 0, -1, -0, 0.5, 1e308, true, [], {}, ['x'], [{ env: {} }], {
  env: 1,
})
const text = (max: number) =>
  fc
    .tuple(
      fc.constantFrom('x', ' ', '~', '\0', '\n', '\x7f', 'é', '😀', '\ud800', '\udc00', '-', '_', '.', '0'),
      fc.constantFrom('a', 'b', '😀', '9'),
      fc.constantFrom(0, 1, 2, max - 2, max - 1, max, max + 1),
      fc.boolean(),
    )
    .map(([special, filler, length, atEnd]) => {
      const rest = filler.repeat(Math.max(length - 1, 0))
      return length === 0 ? '' : atEnd ? rest + special : special + rest
    })
const or = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: value }, odd)
const some = (model: Record<string, fc.Arbitrary<unknown>>) =>
  or(
    fc.record(Object.fromEntries(Object.entries(model).map(([key, value]) => [key, or(value)])), {
      requiredKeys: [],
    }),
  )
const name = fc.oneof(text(4), fc.constantFrom('A', '_', 'a-b', 'a.b', '1a', 'a=b', 'PATH', ' a', 'a\n'))
const env = fc.dictionary(name, or(text(4)), { maxKeys: 2, noNullPrototype: true })
const seconds = fc.constantFrom(0, 1e9, 0.001, -0.001)
const lock = text(128)
const data = fc.oneof(
  fc.dictionary(text(3), or(text(8)), { maxKeys: 2, noNullPrototype: true }),
  fc.constantFrom(4096, 4097).map((length) => ({ a: 'x'.repeat(length - '{"a":""}'.length) })),
)
const spawn = some({
  tag: text(3),
  cluster: text(3),
  lifetime_limit_seconds: seconds,
  max_idle_seconds: seconds,
  executable: some({ env }),
  use_static_token: fc.boolean(),
})
const serviceName = fc.oneof(text(63), fc.constantFrom('-a', 'a-', 'a--b', 'a_'))

const BODIES: [path: string, schema: string, body: fc.Arbitrary<unknown>][] = [
  ['/user/acme/service', 'CreateService', some({ name: serviceName })],
  ['/v2/account/acme/service', 'CreateService', some({ name: serviceName })],
  [
    '/user/acme/service/memory/spawn',
    'Spawn',
    some({ tag: text(3), grace_period_seconds: seconds, lock, env, use_static_token: fc.boolean() }),
  ],
  ['/user/acme/service/memory/fetch', 'Fetch', some({ lock })],
  ['/v2/service/acme/memory/connect', 'Connect', some({ key: lock, spawn, user: text(4096), auth: data })],
]

describe('what the description allows is what the server accepts', () => {
  it.each(BODIES)('in the body of POST %s', async (path, schema, bodies) => {
    const client = new Client(await startPlatform())
    const isValid = validatorOf(await (await client.call('/openapi.json')).json())
    const seen = new Map<boolean, number>()
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        // As it arrives: half a surrogate pair is escaped.
        const sent = JSON.stringify(body)
        const answer = await client.call(path, { method: 'POST', body: sent })
        const received: unknown = JSON.parse(sent)
        const valid = isValid(schema, received)
        seen.set(valid, (seen.get(valid) ?? 0) + 1)
        // Without a key, and if it may not spawn, connect has nothing to connect to.
        const isPointless =
          schema === 'Connect' && valid && read(received, 'spawn') === false && read(received, 'key') == null
        expect(answer.status === 400, sent.slice(0, 300)).toBe(!valid || isPointless)
      }),
      { numRuns: LONG ? 1_000 : 100 },
    )
    expect([...seen.keys()].sort(), 'bodies on both sides of the limits were tried').toEqual([false, true])
  })

  it.each([
    ['/user/acme/service', 'post'],
    ['/user/acme/service/memory/spawn', 'post'],
    ['/user/acme/service/memory/fetch', 'post'],
    ['/v2/service/acme/memory/connect', 'post'],
    ['/v2/account/acme/service', 'post'],
  ])('if POST %s comes without a body', async (path, method) => {
    const client = new Client(await startPlatform())
    const described = Object.entries(OPENAPI.paths).find(([pattern]) =>
      new RegExp(`^${pattern.replace('{account}', 'acme').replace('{service}', 'memory')}$`).test(path),
    )
    const { status } = await client.call(path, { method: 'POST' })
    expect(status === 400).toBe(read(described?.[1], method, 'requestBody', 'required'))
  })
})

function read(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

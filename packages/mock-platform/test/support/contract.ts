import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { OPENAPI } from '../../src/http/v1/openapi.ts'

const ajv = new Ajv2020({
  strict: false,
  formats: { uri: (text) => URL.canParse(text), 'date-time': (text) => !Number.isNaN(Date.parse(text)) },
})
ajv.addSchema(OPENAPI, 'api')

/** The origins of the platforms whose answers are checked. */
const checked = new Set<string>()

/** For answers that were made to go wrong. */
export const plainFetch = globalThis.fetch

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init)
  const response = await plainFetch(input, init)
  const { origin, pathname } = new URL(request.url)
  if (checked.has(origin)) await checkAnswer(request.method, pathname, response)
  return response
}

/**
 * Has all that tests fetch from this platform checked against the description of the API: path, method, status, type and
 * body. What is not described, a backend's own answer for instance, is left alone. Returns a function that ends that.
 */
export function checkAnswersOf({ url }: { url: string }): () => void {
  checked.add(url)
  return () => checked.delete(url)
}

async function checkAnswer(method: string, pathname: string, response: Response): Promise<void> {
  const path = pathname.replace(/^\/v1(?=\/)/, '')
  const found = Object.entries(OPENAPI.paths).find(([pattern]) => toRegExp(pattern).test(path))
  const operation = found && read(found[1], method.toLowerCase())
  if (!operation) return
  const described = read(operation, 'responses', String(response.status))
  expect(described, `${method} ${pathname} answered ${response.status}`).toBeDefined()
  if (response.status === 204) return
  if (response.status >= 400) return checkBody('#/components/schemas/Error', response)
  const type = response.headers.get('content-type')?.split(';')[0] ?? ''
  if (response.status === 204) return
  const content = read(described, 'content', type)
  expect(content, `${method} ${pathname} answered with ${type}`).toBeDefined()
  const schema = read(content, 'schema', '$ref')
  if (typeof schema === 'string') await checkBody(schema, response)
}

async function checkBody(schema: string, response: Response): Promise<void> {
  const validate = ajv.getSchema(`api${schema}`)
  expect(validate, schema).toBeDefined()
  const body: unknown = await response.clone().json()
  expect(validate?.(body), `${JSON.stringify(body)}: ${ajv.errorsText(validate?.errors)}`).toBe(true)
}

function toRegExp(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/\/$/, '').replace(/\{\w+\}/g, '[^/]+')}/?$`)
}

function read(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

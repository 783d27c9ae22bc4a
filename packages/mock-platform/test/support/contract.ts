import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { OPENAPI } from '../../src/http/openapi.ts'

const ajv = new Ajv2020({
  strict: false,
  formats: { uri: (text) => URL.canParse(text), 'date-time': (text) => !Number.isNaN(Date.parse(text)) },
})
ajv.addSchema(OPENAPI, 'api')

/** Checks an answer of the API against its description: path, method, status, type and body. */
export async function checkAnswer(method: string, path: string, response: Response): Promise<void> {
  const pathname = new URL(path, 'http://api').pathname.replace(/^\/v1(?=\/)/, '')
  const found = Object.entries(OPENAPI.paths).find(([pattern]) => toRegExp(pattern).test(pathname))
  // What is not described is answered with the error body all the same.
  const operation = found && read(found[1], method.toLowerCase())
  const type = response.headers.get('content-type')?.split(';')[0] ?? ''
  if (!operation) {
    if (response.status >= 400) await checkBody('#/components/schemas/Error', response)
    return
  }
  const described = read(operation, 'responses', String(response.status))
  expect(described, `${method} ${path} answered ${response.status}`).toBeDefined()
  if (response.status >= 400) return checkBody('#/components/schemas/Error', response)
  const content = read(described, 'content', type)
  expect(content, `${method} ${path} answered with ${type}`).toBeDefined()
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

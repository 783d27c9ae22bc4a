/** A string. */
export const string = { type: 'string' } as const
/** A URL. */
export const url = { type: 'string', format: 'uri' } as const

/** An object that may have more than is described. */
export function objectSchema(properties: Record<string, unknown>, optional: readonly string[] = []) {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
  }
}

/** Answers are exactly as described; unknown fields of requests are ignored. */
export function answerObject(properties: Record<string, unknown>, optional: readonly string[] = []) {
  return { ...objectSchema(properties, optional), additionalProperties: false }
}

/** A schema by its name. */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

/** A JSON body, by the name of its schema. */
export function json(name: string) {
  return { 'application/json': { schema: ref(name) } }
}

/** A value that may be null, which means the same as leaving it out. */
export const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })

/** What a request may have in its body: each may be left out or be null. */
export function optionals(properties: Record<string, object>) {
  const entries = Object.entries(properties).map(([name, schema]) => [name, nullable(schema)])
  return { type: 'object', properties: Object.fromEntries(entries) }
}

interface Operation {
  summary: string
  body?: string
  /** Whether there must be a body. Default: no body is an empty one. */
  bodyRequired?: boolean
  /** The answer on success: a schema's name, or text of this type. */
  answer: string
  errors: readonly number[]
  auth?: boolean
}

/** The requests and answers of one endpoint. */
export function operation({ summary, body, bodyRequired = false, answer, errors, auth = true }: Operation) {
  const content = answer.includes('/') ? { [answer]: { schema: string } } : json(answer)
  return {
    summary,
    security: auth ? [{ token: [] }] : [],
    ...(body && { requestBody: { required: bodyRequired, content: json(body) } }),
    responses: {
      200: { description: 'Success', content },
      ...(answer === 'text/event-stream' && {
        204: { description: 'The stream has ended, and `Last-Event-ID` is its last.' },
      }),
      ...Object.fromEntries(errors.map((status) => [status, { $ref: '#/components/responses/Error' }])),
    },
  }
}

/** A part of a path. */
export const parameter = (name: string) => ({ name, in: 'path', required: true, schema: string })

/** The answers to a body that is not what the endpoint takes. */
export const BODY_ERRORS = [400, 408, 413, 415]

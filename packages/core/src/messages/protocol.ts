import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SessionBackendError } from '../errors.ts'

/** The schemas of one side's messages, by their names, as the side that gets them sees them. */
export type MessageReaders<Out> = { readonly [Name in keyof Out]: StandardSchemaV1<unknown, Out[Name]> }

/**
 * The schemas of one side's messages, by their names: what goes in is what is sent, what comes out is what
 * the other side gets.
 */
export type MessageSchemas<In, Out> = {
  readonly [Name in keyof In]: StandardSchemaV1<In[Name], unknown>
} & MessageReaders<Out>

/** Options of {@link defineProtocol}. */
export interface ProtocolOptions<ToBackendIn, ToBackendOut, ToPageIn, ToPageOut> {
  /**
   * The messages that pages send: a schema by each name, of any library that implements Standard Schema
   * (Valibot, Zod, ArkType).
   */
  toBackend: MessageSchemas<ToBackendIn, ToBackendOut>
  /** The messages that the backend sends. */
  toPage: MessageSchemas<ToPageIn, ToPageOut>
  /**
   * The names of messages that soon become worthless, such as cursor positions. PROTOCOL.md: "Volatile
   * messages".
   */
  volatile?: readonly (keyof ToBackendOut | keyof ToPageOut)[] | undefined
}

/**
 * The messages between a page and its backend. Made by {@link defineProtocol}, and imported by both programs.
 */
export interface Protocol<ToBackendIn, ToBackendOut, ToPageIn, ToPageOut> {
  /** The schema of each message that pages send. */
  readonly toBackend: MessageSchemas<ToBackendIn, ToBackendOut>
  /** The schema of each message that the backend sends. */
  readonly toPage: MessageSchemas<ToPageIn, ToPageOut>
  /** Whether a message of this name is volatile. */
  isVolatile(name: PropertyKey): boolean
}

/**
 * Defines the messages between a page and its backend, for `runBackend` and for the page's `messages`. Both
 * sides get their types from it, and check each message that arrives. Schemas must be synchronous.
 *
 * @throws `invalid_option` if a name is empty or a value isn't a schema.
 */
export function defineProtocol<ToBackendIn, ToBackendOut, ToPageIn, ToPageOut>(
  options: ProtocolOptions<ToBackendIn, ToBackendOut, ToPageIn, ToPageOut>,
): Protocol<ToBackendIn, ToBackendOut, ToPageIn, ToPageOut> {
  const { toBackend, toPage } = options
  checkSchemas('toBackend', toBackend)
  checkSchemas('toPage', toPage)
  const volatile = new Set<PropertyKey>(options.volatile)
  for (const name of volatile) {
    if (Object.hasOwn(toBackend, name) || Object.hasOwn(toPage, name)) continue
    throw new SessionBackendError(
      'invalid_option',
      `\`volatile\` must name messages of \`toBackend\` or \`toPage\`, got \`${String(name)}\`.`,
    )
  }
  return { toBackend, toPage, isVolatile: (name) => volatile.has(name) }
}

function checkSchemas(option: string, schemas: object): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const isSchema = typeof schema === 'object' || typeof schema === 'function'
    if (name !== '' && isSchema && schema !== null && '~standard' in schema) continue
    throw new SessionBackendError(
      'invalid_option',
      `\`${option}.${name}\` must be a schema of a library that implements Standard Schema.`,
    )
  }
}

/** What a schema said about a value: the value that it made of it, or what is wrong with it. */
export type Validated<Output> = { ok: true; value: Output } | { ok: false; problem: string }

/**
 * Checks a value from outside.
 *
 * @throws `invalid_option` if the schema is asynchronous.
 */
export function validate<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  value: unknown,
): Validated<Output> {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) {
    // Nobody waits for it, and it may fail.
    result.catch(() => {})
    throw new SessionBackendError('invalid_option', 'The schema of a message must be synchronous.')
  }
  if (result.issues === undefined) return { ok: true, value: result.value }
  const [issue] = result.issues
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return { ok: false, problem: `${path ? `${path}: ` : ''}${issue?.message ?? 'not valid'}` }
}

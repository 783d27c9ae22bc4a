import type { IncomingMessage } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { inTime } from '../common/deadline.ts'
import type { Grant } from '../common/platform.ts'
import type { Incoming, RouteParams } from '../http/incoming.ts'
import { Denial, NO_ACCESS } from './denial.ts'

/** What a user wants to do with a document. */
export type Action = 'open' | 'read' | 'logs' | 'terminate'

/** Which document a request is about. */
export interface DocumentContext {
  /** The document's id, decoded. */
  documentId: string
  /**
   * The dynamic segments of the framework's route, such as `tenant` of `[tenant]/sessions/[...path]`: Next's in both routers
   * (Pages Router: `request.query`), Express' `request.params`. Elsewhere empty.
   */
  params: RouteParams
}

/** What `authorize` decides on. */
export interface AuthorizeContext<NodeRequest extends IncomingMessage = IncomingMessage>
  extends DocumentContext {
  /** `open` spawns a backend if none runs; `read` only finds it and follows its status. */
  action: Action
  /** The request, with its headers and cookies as the framework and its middleware show them. */
  readonly request: Request
  /**
   * Node's own request, if the framework has one (Express, Pages Router, `node:http`): what earlier
   * middleware put on it, such as `user` or `session`, is there.
   */
  readonly nodeRequest?: NodeRequest | undefined
}

/** What `authorize` answers: only `true` and a grant let the user go on. */
export type Decision = Grant | true | false | null | 'unauthenticated' | 'forbidden'

/**
 * Whether the user may go on: `true`, or an object with nothing but `user` and `auth`. `'unauthenticated'` is answered with
 * 401; `'forbidden'`, `false` and `null` with 403. Anything else is answered with 403 as well, and logged: another object,
 * `undefined`, a function that throws, or one that takes longer than 10 s.
 *
 * For a message of your own, throw `new SessionBackendError('unauthenticated', 'Sign in first.')`, or `forbidden`.
 */
export type Authorize<NodeRequest extends IncomingMessage = IncomingMessage> = (
  context: AuthorizeContext<NodeRequest>,
) => Decision | Promise<Decision>

type Asking = Pick<Incoming, 'toRequest' | 'nodeRequest'>

/** The context of one request: its Request is built only if `authorize` looks at it. */
class Context implements AuthorizeContext {
  readonly documentId: string
  readonly params: RouteParams
  readonly #asking: Asking
  #request: Request | undefined

  constructor(
    { documentId, params }: DocumentContext,
    readonly action: Action,
    asking: Asking,
  ) {
    this.documentId = documentId
    this.params = params
    this.#asking = asking
  }

  get request(): Request {
    this.#request ??= this.#asking.toRequest()
    return this.#request
  }

  get nodeRequest(): IncomingMessage | undefined {
    return this.#asking.nodeRequest
  }
}

/** Runs `authorize`: returns what it grants, throws `unauthenticated` or `forbidden`. */
export async function decide(
  authorize: Authorize,
  asking: Asking,
  document: DocumentContext,
  action: Action,
  clock: Clock,
): Promise<Grant> {
  let decision: unknown
  try {
    decision = await inTime('authorize', authorize(new Context(document, action, asking)), clock)
  } catch (cause) {
    throw isRefusal(cause)
      ? cause
      : new Denial(NO_ACCESS, '`authorize` failed, so the request was denied.', cause)
  }
  return grantOf(decision)
}

function grantOf(decision: unknown): Grant {
  if (decision === true) return {}
  if (decision === 'unauthenticated') throw new SessionBackendError('unauthenticated', 'Sign in first.')
  if (decision === false || decision === null || decision === 'forbidden') {
    throw new SessionBackendError('forbidden', NO_ACCESS)
  }
  if (isRefusal(decision)) throw decision
  if (!isPlainObject(decision)) throw notADecision(nameOf(decision))
  const { user, auth, ...others } = decision
  const [other] = Object.keys(others)
  if (other !== undefined) throw notADecision(`an object with \`${other}\``)
  if (user !== undefined && typeof user !== 'string') throw notADecision(`a \`user\` that is ${nameOf(user)}`)
  return {
    ...(Object.hasOwn(decision, 'user') && { user }),
    ...(Object.hasOwn(decision, 'auth') && { auth }),
  }
}

/** An Error or a Response is an object too, and never meant as a yes, whichever realm or polyfill it is from. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What a value is, for a log line. Never the value itself: it may hold what no log should. */
function nameOf(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}

function notADecision(received: string): Denial {
  return new Denial(
    NO_ACCESS,
    `\`authorize\` must return true, an object with nothing but \`user\` (a string) and \`auth\`, 'unauthenticated', 'forbidden', false or null, got ${received}. The request was denied.`,
  )
}

function isRefusal(error: unknown): error is SessionBackendError {
  return (
    error instanceof SessionBackendError && (error.code === 'unauthenticated' || error.code === 'forbidden')
  )
}

import type { IncomingMessage } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { typeName } from '../common/checks.ts'
import { inTime } from '../common/deadline.ts'
import type { Action, DocumentContext, RouteParams } from '../common/document.ts'
import type { Grant } from '../common/platform.ts'
import type { Incoming } from '../http/incoming.ts'
import { ReportedError } from '../reports/reported-error.ts'

/** The question that `authorize` answers: may this user do this with this document? */
export interface AuthorizeContext<NodeRequest extends IncomingMessage = IncomingMessage>
  extends DocumentContext {
  /** `open` spawns a backend if none runs; `read` only finds it and follows its status. */
  action: Action
  /** The request, with its headers and cookies as the framework and its middleware show them. */
  readonly request: Request
  /**
   * Node's request, if the framework has one (Express, Pages Router, `node:http`). It has the properties that
   * earlier middleware added, such as `user` or `session`.
   */
  readonly nodeRequest?: NodeRequest | undefined
}

/** What `authorize` returns. Only `true` and a grant give access. */
export type Decision = Grant | true | false | null | 'unauthenticated' | 'forbidden'

/**
 * Decides whether the user has access: `true`, or an object with nothing but `user` and `auth`, grants it.
 * `'unauthenticated'` is answered with 401; `'forbidden'`, `false` and `null` with 403. Anything else is
 * answered with 403 as well, and logged: another object, `undefined`, a function that throws, or one that
 * takes longer than 10 s.
 *
 * To send your own message, throw `new SessionBackendError('unauthenticated', 'Sign in first.')`, or one with
 * `forbidden`.
 */
export type Authorize<NodeRequest extends IncomingMessage = IncomingMessage> = (
  context: AuthorizeContext<NodeRequest>,
) => Decision | Promise<Decision>

/** What a user without access is told. */
const NO_ACCESS = "You don't have access to this document."

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

/**
 * Runs `authorize`: returns what it grants, and when it was asked; throws `unauthenticated` or `forbidden`.
 */
export async function decide(
  authorize: Authorize,
  asking: Asking,
  document: DocumentContext,
  action: Action,
  clock: Clock,
): Promise<{ grant: Grant; authorizedAt: number }> {
  const authorizedAt = clock.now()
  let decision: unknown
  try {
    decision = await inTime('authorize', authorize(new Context(document, action, asking)), clock)
  } catch (cause) {
    throw isRefusal(cause) ? cause : denial('`authorize` failed, so the request was denied.', cause)
  }
  return { grant: grantOf(decision), authorizedAt }
}

function grantOf(decision: unknown): Grant {
  if (decision === true) return {}
  if (decision === 'unauthenticated') throw new SessionBackendError('unauthenticated', 'Sign in first.')
  if (decision === false || decision === null || decision === 'forbidden') {
    throw new SessionBackendError('forbidden', NO_ACCESS)
  }
  if (isRefusal(decision)) throw decision
  if (!isPlainObject(decision)) throw notADecision(typeName(decision))
  const { user, auth, ...others } = decision
  const [other] = Object.keys(others)
  if (other !== undefined) throw notADecision(`an object with \`${other}\``)
  if (user !== undefined && typeof user !== 'string')
    throw notADecision(`a \`user\` that is ${typeName(user)}`)
  return {
    ...(Object.hasOwn(decision, 'user') && { user }),
    ...(Object.hasOwn(decision, 'auth') && { auth }),
  }
}

/** An Error or a Response is never meant as a grant, no matter which realm or polyfill it comes from. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function notADecision(received: string): ReportedError {
  return denial(
    `\`authorize\` must return true, an object with nothing but \`user\` (a string) and \`auth\`, 'unauthenticated', 'forbidden', false or null, got ${received}. The request was denied.`,
  )
}

function denial(report: string, cause?: unknown): ReportedError {
  return new ReportedError('forbidden', NO_ACCESS, { report, cause })
}

function isRefusal(error: unknown): error is SessionBackendError {
  return (
    error instanceof SessionBackendError && (error.code === 'unauthenticated' || error.code === 'forbidden')
  )
}

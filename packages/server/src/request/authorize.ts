import type { IncomingMessage } from 'node:http'
import { type Clock, isRecord, SessionBackendError } from '@session-backend/core'
import type { Incoming } from '../exchange.ts'
import type { Grant } from '../platform.ts'

/** What a user wants to do with a document. */
export type Action = 'open' | 'read' | 'logs' | 'terminate'

/** What `authorize` decides on. */
export interface AuthorizeContext {
  /** The document's id, decoded. */
  documentId: string
  /** `open` spawns a backend where none runs; `read` only finds it and follows its status. */
  action: Action
  /** The request, with its headers and cookies. Its body has been read already. */
  readonly request: Request
  /**
   * Node's own request, where the framework has one (Express, Pages Router, `node:http`): what earlier
   * middleware put on it, such as `user` or `session`, is there.
   */
  readonly nodeRequest?: IncomingMessage | undefined
}

/**
 * Whether the user may go on. Only `true` and an object grant; anything else is answered with 403 `forbidden`, and so is a
 * function that throws, or takes longer than 10 s.
 *
 * To answer 401 where nobody is signed in, throw `new SessionBackendError('unauthenticated', 'Sign in first.')`; a
 * `forbidden` thrown in the same way brings a message of its own.
 */
export type Authorize = (
  context: AuthorizeContext,
) => Grant | true | false | null | undefined | Promise<Grant | true | false | null | undefined>

/** How long `authorize` may take, in ms. */
const AUTHORIZE_TIMEOUT = 10_000

/** The context of one request: its Request is built only if `authorize` looks at it. */
class Context implements AuthorizeContext {
  readonly #incoming: Pick<Incoming, 'toRequest' | 'nodeRequest'>
  #request: Request | undefined

  constructor(
    incoming: Pick<Incoming, 'toRequest' | 'nodeRequest'>,
    readonly documentId: string,
    readonly action: Action,
  ) {
    this.#incoming = incoming
  }

  get request(): Request {
    this.#request ??= this.#incoming.toRequest()
    return this.#request
  }

  get nodeRequest(): IncomingMessage | undefined {
    return this.#incoming.nodeRequest
  }
}

/** Runs `authorize`: returns what it grants, throws `unauthenticated` or `forbidden`. */
export async function authorise(
  authorize: Authorize,
  incoming: Pick<Incoming, 'toRequest' | 'nodeRequest'>,
  documentId: string,
  action: Action,
  clock: Clock,
): Promise<Grant> {
  let decision: Awaited<ReturnType<Authorize>>
  try {
    const deciding = authorize(new Context(incoming, documentId, action))
    decision = isThenable(deciding) ? await withDeadline(deciding, clock) : deciding
  } catch (cause) {
    throw isDenial(cause) ? cause : denied(cause)
  }
  if (decision === true) return {}
  if (isDenial(decision)) throw decision
  if (isRecord(decision) && !isAnswer(decision)) return grantOf(decision)
  throw denied()
}

/** An Error or a Response is an object too, and never meant as a yes, whichever realm or polyfill it is from. */
function isAnswer(value: object): boolean {
  return value instanceof Error || /^\[object (Error|Response)\]$/.test(Object.prototype.toString.call(value))
}

/** What the object itself says: nothing that it inherits grants anything. */
function grantOf(decision: Grant): Grant {
  return {
    ...(Object.hasOwn(decision, 'user') && { user: decision.user }),
    ...(Object.hasOwn(decision, 'auth') && { auth: decision.auth }),
  }
}

function denied(cause?: unknown): SessionBackendError {
  return new SessionBackendError('forbidden', 'You may not do this.', cause === undefined ? {} : { cause })
}

function isDenial(error: unknown): error is SessionBackendError {
  return (
    error instanceof SessionBackendError && (error.code === 'unauthenticated' || error.code === 'forbidden')
  )
}

function withDeadline<T>(decision: PromiseLike<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(AUTHORIZE_TIMEOUT, () =>
      reject(new Error(`\`authorize\` did not decide within ${AUTHORIZE_TIMEOUT} ms.`)),
    )
    Promise.resolve(decision).then(resolve, reject).finally(cancel)
  })
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return isRecord(value) && typeof value.then === 'function'
}

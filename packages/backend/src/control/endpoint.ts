import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import {
  CONTROL_PATH,
  type ControlSignature,
  controlText,
  isCurrent,
  MAX_CONTROL_BODY,
  parseControlMessage,
  parseControlSignature,
  parseJson,
  SIGNATURE_HEADER,
} from '@session-backend/core/internal'
import type { Identity } from './identity.ts'
import { isDigest, isSigned } from './mac.ts'
import { Nonces } from './nonces.ts'

/** How long a body may take, in ms. */
const BODY_TIMEOUT = 10_000

/** What a backend does for a control request. */
export interface ControlActions {
  /** `time` is when the app said so, in ms since the epoch. */
  revoke(user: string, time: number): void
  /** @throws SessionBackendError what the app is answered. */
  receiveFromApp(message: unknown): Promise<void>
  /** What the room counts. Only numbers are sent. */
  readonly stats: object
}

/** Answers a request; `false` if it isn't a control request. */
export type ControlEndpoint = (request: IncomingMessage, response: ServerResponse) => boolean

/** Answers the control requests of the app's server. PROTOCOL.md: "Control". */
export function createControlEndpoint(
  identity: Identity | undefined,
  actions: ControlActions,
  clock: Clock,
): ControlEndpoint {
  const nonces = new Nonces()

  /** Checks only the header, so that no other body is read. */
  function check({ headers }: IncomingMessage): ControlSignature {
    if (identity === undefined) {
      throw new SessionBackendError('not_supported', 'This backend was spawned without a control key.')
    }
    const signature = parseControlSignature(String(headers[SIGNATURE_HEADER] ?? ''))
    if (!signature || !isSigned(identity.key, controlText(identity.name, signature), signature.macs)) {
      throw new SessionBackendError('forbidden', 'The signature is not valid for this backend.')
    }
    const { time, nonce } = signature
    const now = clock.now()
    if (!isCurrent(time, now)) {
      throw new SessionBackendError(
        'forbidden',
        "The signature's time is more than 60 s off. Check the clocks.",
      )
    }
    const use = nonces.use(nonce, time, now)
    if (use === 'used') throw new SessionBackendError('forbidden', 'This request was already received.')
    if (use === 'full') throw new SessionBackendError('too_many_requests', 'Too many control requests.')
    return signature
  }

  /** Resolves to the body of the answer, if it has one. */
  async function obey(request: IncomingMessage): Promise<string | undefined> {
    const { time, digest } = check(request)
    const body = await readBody(request, clock)
    const message = isDigest(digest, body) ? parseControlMessage(parseJson(body.toString())) : undefined
    if (message === undefined)
      throw new SessionBackendError('bad_request', 'The body is not a control request.')
    if ('stats' in message) return JSON.stringify(numbersOf(actions.stats))
    if ('revoke' in message) actions.revoke(message.revoke.user, time)
    else await actions.receiveFromApp(message.send.message)
    return undefined
  }

  return (request, response) => {
    const [path = ''] = request.url?.split('?') ?? []
    // With a static token the path comes whole.
    if (request.method !== 'POST' || !path.endsWith(`/${CONTROL_PATH}`)) return false
    void obey(request).then(
      (body) =>
        body === undefined
          ? response.writeHead(204).end()
          : response.writeHead(200, { 'content-type': 'application/json' }).end(body),
      (error) => refuse(request, response, error),
    )
    return true
  }
}

function numbersOf(values: object): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number'))
}

function readBody(request: IncomingMessage, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const cancel = clock.after(BODY_TIMEOUT, () => settle('The body took too long.'))
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_CONTROL_BODY) chunks.push(chunk)
      else settle(`The body is longer than ${MAX_CONTROL_BODY} bytes.`, 'payload_too_large')
    })
    request.on('end', () => settle())
    request.on('close', () => settle('The body was cut off.'))

    function settle(problem?: string, code: 'bad_request' | 'payload_too_large' = 'bad_request') {
      cancel()
      if (problem === undefined) resolve(Buffer.concat(chunks))
      else reject(new SessionBackendError(code, problem))
    }
  })
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { status, code, message } =
    error instanceof SessionBackendError
      ? error
      : new SessionBackendError('internal', 'The backend failed to handle this message.')
  // What is left of the body is not read.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { code, message } }))
}

import type { Protocol } from '@session-backend/core'
import type { WebSocketConnection } from '@session-backend/react'
import * as v from 'valibot'
import { protocol } from '../shared/protocol.ts'
import { HELLO } from './connect.ts'

// The page's half of the message protocol, without numbers (PROTOCOL.md: "The message protocol"): the one place that
// `messages(protocol)` of `@session-backend/react/messages` will replace.

/** What is needed of a connection. */
export type Connection = Pick<WebSocketConnection, 'send' | 'subscribe'>

type Messages =
  typeof protocol extends Protocol<infer ToBackend, infer _Received, infer _Sent, infer ToPage>
    ? { toBackend: ToBackend; toPage: ToPage }
    : never
type ToBackend = Messages['toBackend']
type ToPage = Messages['toPage']

/** What to do with each message of the backend. */
export type Handlers = { [Name in keyof ToPage]: (content: ToPage[Name]) => void }

const Frame = v.looseTuple([v.literal(0), v.string(), v.unknown()])

export function send<Name extends keyof ToBackend & string>(
  connection: Connection | undefined,
  name: Name,
  content: ToBackend[Name],
): void {
  connection?.send(JSON.stringify([0, name, content]))
}

/** Says hello, and calls `handlers` for each message, until the returned function is called. What can't be read is ignored. */
export function receive(connection: Connection, handlers: Handlers): () => void {
  connection.send(HELLO)
  return connection.subscribe((text) => {
    const frame = v.safeParse(Frame, typeof text === 'string' ? JSON.parse(text) : undefined)
    if (frame.success) dispatch(handlers, frame.output[1], frame.output[2])
  })
}

function dispatch(handlers: Handlers, name: string, content: unknown): void {
  const known = Object.keys(handlers).find((each): each is keyof ToPage & string => each === name)
  if (known) handle(handlers, known, content)
}

function handle<Name extends keyof ToPage>(handlers: Handlers, name: Name, content: unknown): void {
  const result = protocol.toPage[name]['~standard'].validate(content)
  if ('value' in result) handlers[name](result.value as ToPage[Name])
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import { errorCodeOf, sleep } from '@session-backend/core/internal'
import type { Endpoint } from '../faults/endpoints.ts'
import type { AnswerFault } from '../faults/faults.ts'

/**
 * Lets a fault strike. Resolves to whether the request must still be answered. If so, the fault may change
 * the answer on its way.
 */
export async function strike(
  fault: AnswerFault,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): Promise<boolean> {
  switch (fault.kind) {
    case 'delay':
      await sleep(clock, fault.ms, closeSignal(response))
      return true
    case 'hang':
      return false
    case 'reset':
      request.socket.resetAndDestroy()
      return false
    case 'status':
      throw new SessionBackendError(
        errorCodeOf(fault.status) ?? 'platform_error',
        'This error was injected.',
        fault,
      )
    case 'garbage':
      response.writeHead(200, { 'content-type': typeOf(fault) }).end('data: {"name":"\u0000\n\n<html>')
      return false
    case 'split':
      sendBytesOneByOne(response)
      return true
    case 'cut':
      cutAfter(response, fault.bytes)
      return true
  }
}

const STREAMS: readonly Endpoint[] = ['logs', 'status/stream', 'v2/logs', 'v2/status/stream']

function typeOf({ endpoint }: AnswerFault): string {
  if (endpoint === 'ready') return 'text/html'
  return STREAMS.includes(endpoint) ? 'text/event-stream' : 'application/json'
}

function closeSignal(response: ServerResponse): AbortSignal {
  const closed = new AbortController()
  response.once('close', () => closed.abort())
  return closed.signal
}

/** Replaces how a response writes its body. */
function rewrite(response: ServerResponse, write: (bytes: Buffer) => void, end: () => void): void {
  const toBytes = (chunk: unknown) =>
    typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.alloc(0)
  response.write = (chunk: unknown) => {
    write(toBytes(chunk))
    return true
  }
  response.end = (chunk?: unknown) => {
    write(toBytes(chunk))
    end()
    return response
  }
}

function sendBytesOneByOne(response: ServerResponse): void {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  const queue: number[] = []
  let ended = false
  let sending = false
  const send = () => {
    const byte = queue.shift()
    sending = byte !== undefined && !response.destroyed
    if (byte !== undefined && sending) {
      write(Uint8Array.of(byte))
      setImmediate(send)
    } else if (ended) end()
  }
  const start = () => {
    if (!sending) send()
  }
  rewrite(
    response,
    (bytes) => {
      queue.push(...bytes)
      if (bytes.length > 0) start()
    },
    () => {
      ended = true
      start()
    },
  )
}

function cutAfter(response: ServerResponse, bytes: number): void {
  const write = response.write.bind(response)
  let left = bytes
  const cut = () => {
    // The part that was let through is sent first.
    write('', () => response.destroy())
  }
  rewrite(
    response,
    (chunk) => {
      if (left < 0) return
      const part = chunk.subarray(0, left)
      if (part.length > 0) write(part)
      left -= part.length
      if (part.length < chunk.length || left === 0) {
        left = -1
        cut()
      }
    },
    cut,
  )
}

import { connect, type Socket } from 'node:net'
import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson } from '@session-backend/core/internal'

/** PROTOCOL.md: "Warm pools". In characters. */
const MAX_LINE = 1024 * 1024

/** What a warm pool says when it has a document for a backend. */
export interface Assigned {
  id: string
  key: string | undefined
  fencingToken: number | undefined
  env: Record<string, string>
}

/**
 * Waits in a warm pool until it has a document. The connection stays open, without keeping the process alive.
 */
export async function joinWarmPool(
  path: string,
  signal?: AbortSignal,
): Promise<{ assigned: Assigned; ready: () => void }> {
  const socket = connect(path)
  const say = (message: string) => socket.write(`${JSON.stringify({ message })}\n`)
  // An error without a listener would end the process. Once assigned, the backend no longer needs the pool.
  socket.on('error', () => {})
  socket.setEncoding('utf8')
  try {
    // Written before the connection is made, it is sent as soon as it is.
    say('Warmed')
    const assigned = await readAssignment(socket, path, signal)
    socket.unref()
    // Later messages have no meaning, but must be read, or the buffer fills up.
    socket.resume()
    return { assigned, ready: () => say('Ready') }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function readAssignment(socket: Socket, path: string, signal?: AbortSignal): Promise<Assigned> {
  return new Promise((resolve, reject) => {
    let rest = ''
    const fail = (what: string, cause?: unknown) =>
      settle(() =>
        reject(new SessionBackendError('platform_error', `The warm pool at ${path} ${what}.`, { cause })),
      )
    const onAbort = () => settle(() => reject(signal?.reason))
    const onClose = () => fail('closed the connection before it had a document for this backend')
    const onError = (error: Error) => fail(`could not be reached: ${error.message}`, error)
    const onData = (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      const assigned = lines.map(parseAssigned).find((each) => each !== undefined)
      if (assigned) settle(() => resolve(assigned))
      else if (rest.length > MAX_LINE) fail(`sent a line of more than ${MAX_LINE} characters`)
    }
    function settle(how: () => void) {
      socket.off('data', onData).off('close', onClose).off('error', onError)
      signal?.removeEventListener('abort', onAbort)
      how()
    }
    socket.on('data', onData).on('close', onClose).on('error', onError)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
  })
}

/** Reads a line of a warm pool; `undefined` if it isn't an assignment. */
function parseAssigned(line: string): Assigned | undefined {
  const frame = parseJson(line)
  if (!isRecord(frame) || !isRecord(frame.message) || !isRecord(frame.message.BackendAssignment)) {
    return undefined
  }
  const { backend_id: id, key, fencing_token: token, env = {} } = frame.message.BackendAssignment
  if (typeof id !== 'string' || !isRecord(env)) return undefined
  const variables = Object.entries(env).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  return {
    id,
    key: typeof key === 'string' ? key : undefined,
    fencingToken: typeof token === 'number' && Number.isSafeInteger(token) && token >= 0 ? token : undefined,
    env: Object.fromEntries(variables),
  }
}

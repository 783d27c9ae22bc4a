import type { Readable } from 'node:stream'
import { invalidOption, isRecord, parseJson } from '@session-backend/core/internal'
import { type Dispatcher, Pool } from 'undici'

/** A request to the engine. */
export interface EngineRequest {
  /** Sent as JSON. */
  json?: unknown
  headers?: Record<string, string>
  /** Statuses that are not errors, in addition to those of success. */
  expected?: readonly number[]
  signal?: AbortSignal
}

const DEFAULT_SOCKET = '/var/run/docker.sock'

/**
 * Where Docker Engine listens, by the variable DOCKER_HOST. Throws `invalid_option` if that is not on this
 * machine.
 */
export function socketOf(dockerHost: string | undefined): string {
  if (!dockerHost) return DEFAULT_SOCKET
  const [, path] = /^unix:\/\/(\/.+)$/.exec(dockerHost) ?? []
  if (path !== undefined) return path
  throw invalidOption('DOCKER_HOST', `a socket on this machine, as in unix://${DEFAULT_SOCKET}`, dockerHost)
}

/** Docker Engine's HTTP API, over its socket. Without a version in the path, it is the engine's own. */
export class DockerEngine {
  readonly #pool: Pool

  constructor(readonly socketPath: string) {
    // To wait for the end of a container, and to read what it writes, takes as long as it lives.
    this.#pool = new Pool('http://docker', { connect: { socketPath }, headersTimeout: 0, bodyTimeout: 0 })
  }

  /**
   * Resolves to the JSON of the answer, or undefined if its status was expected. Rejects with what the engine
   * says.
   */
  async call(method: Dispatcher.HttpMethod, path: string, request: EngineRequest = {}): Promise<unknown> {
    const { statusCode, body } = await this.#send(method, path, request)
    const text = await body.text()
    if (statusCode < 300) return parseJson(text)
    if (request.expected?.includes(statusCode)) return undefined
    throw refusal(statusCode, text)
  }

  /** Resolves to the body of the answer, once it begins. */
  async stream(method: Dispatcher.HttpMethod, path: string, request: EngineRequest = {}): Promise<Readable> {
    const { statusCode, body } = await this.#send(method, path, request)
    if (statusCode < 300) return body
    throw refusal(statusCode, await body.text())
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }

  #send(method: Dispatcher.HttpMethod, path: string, { json, headers, signal }: EngineRequest) {
    return this.#pool.request({
      method,
      path,
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(signal && { signal }),
    })
  }
}

function refusal(status: number, text: string): Error {
  const body = parseJson(text)
  const message = isRecord(body) && typeof body.message === 'string' ? body.message : undefined
  return new Error(message ?? `Docker answered with ${status}.`)
}

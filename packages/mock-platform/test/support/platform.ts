import { type BackendState, isTerminal, type Session, watchStatus } from '@session-backend/core'
import { parseBackendAnswer, type SpawnRequest } from '@session-backend/core/internal'
import { onTestFinished } from 'vitest'
import { createMockPlatform, type MockPlatform, type MockPlatformOptions } from '../../src/index.ts'
import { checkAnswersOf } from './contract.ts'

/** The small backend of these tests, as a command. */
export const BACKEND = [process.execPath, `${import.meta.dirname}/../fixtures/backend.mjs`] as const

/** Starts a platform that is closed when the test is over. */
export async function startPlatform(options: MockPlatformOptions = {}): Promise<MockPlatform> {
  const platform = await createMockPlatform({
    account: 'acme',
    token: 'sekret',
    services: {
      editor: { command: BACKEND },
      memory: { serve: (server) => void server.on('request', (_, res) => res.end('hello')) },
    },
    ...options,
  })
  const stopChecking = checkAnswersOf(platform)
  onTestFinished(async () => {
    await platform.close()
    stopChecking()
  })
  return platform
}

/** What is sent with the path. */
export interface Call {
  method?: string
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Talks to the API with the account's token. */
export class Client {
  constructor(readonly platform: MockPlatform) {}

  call(path: string, { method = 'GET', body, headers, signal }: Call = {}): Promise<Response> {
    return fetch(`${this.platform.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.platform.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  }

  async spawn(body: SpawnRequest = {}, service = 'editor'): Promise<Session> {
    const { account } = this.platform
    const response = await this.call(`/user/${account}/service/${service}/spawn`, { method: 'POST', body })
    if (!response.ok) throw new Error(`Spawn was answered with ${response.status}: ${await response.text()}`)
    return parseBackendAnswer(await response.json())
  }

  fetchLock(lock: string, service = 'editor'): Promise<Response> {
    const { account } = this.platform
    return this.call(`/user/${account}/service/${service}/fetch`, { method: 'POST', body: { lock } })
  }

  terminate({ name }: Session): Promise<Response> {
    return this.call(`/backend/${name}/terminate`, { method: 'POST' })
  }

  /** Spawns a backend and waits until it is Ready. */
  async ready(body: SpawnRequest = {}, service = 'editor'): Promise<Session> {
    const session = await this.spawn(body, service)
    await this.until(session, 'Ready')
    return session
  }

  /** Follows a backend up to a status, or to its end. Returns the statuses on the way. */
  async until({ statusUrl }: Session, status?: BackendState['state']): Promise<string[]> {
    const seen: string[] = []
    for await (const { state } of watchStatus(`${statusUrl}/stream`)) {
      seen.push(state)
      if (state === status) return seen
      if (isTerminal(state) && status !== undefined) throw new Error(`It ended as ${seen.join(', ')}.`)
    }
    return seen
  }

  /** Resolves when a backend has printed this. */
  async printed({ name }: Session, text: string): Promise<void> {
    const { body } = await this.call(`/backend/${name}/logs`)
    let log = ''
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      log += chunk
      if (log.includes(text)) return
    }
    throw new Error(`It has ended, and printed only: ${log}`)
  }

  /** The whole log of a backend that has ended. */
  async log({ name }: Session): Promise<string[]> {
    const text = await (await this.call(`/backend/${name}/logs`)).text()
    return text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  }
}

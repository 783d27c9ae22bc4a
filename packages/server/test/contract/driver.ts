import { type BackendState, type BackendStatus, isTerminal, type Session } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { expect } from 'vitest'
import type { SpawnCall } from '../../src/common/platform.ts'
import { createSessionBackends, type SessionBackends } from '../../src/session-backends.ts'
import type { Engine } from './engine.ts'

let locks = 0
/** A lock that nobody has used, on this engine or in an earlier run. */
export const newLock = () => `contract/${process.pid}-${Date.now()}-${++locks}`

/** What the rows of the contract do with an engine. */
export interface Driver {
  engine: Engine
  /** Spawns with a new lock, unless the request has one. */
  spawn(request?: Partial<SpawnCall>): Promise<Session>
  follow(session: Session, status?: BackendStatus): Promise<BackendState[]>
  /** The variables that the backend was given. */
  envOf(session: Session): Promise<Record<string, unknown>>
  /** What arrived of a request at the backend. */
  requestOf(session: Session, init?: RequestInit): Promise<SeenRequest>
  /** The headers that arrived. */
  headersOf(session: Session, headers?: Record<string, string>): Promise<SeenRequest['headers']>
  /** Ends a backend, and resolves to all its statuses. */
  terminate(session: Session): Promise<BackendState[]>
  /** An app on the engine, whose documents nobody else has. */
  openApp(): App
}

export interface SeenRequest {
  url: string
  body: unknown
  headers: Readonly<Record<string, string | undefined>>
}

export interface App {
  sessionBackends: SessionBackends
  /** Opens a document by a request with these headers, and waits until it is ready. */
  open(documentId: string, headers?: Record<string, string>): Promise<Session>
}

export function drive(engine: Engine): Driver {
  const { platform } = engine
  const driver: Driver = {
    engine,
    spawn: (request = {}) => platform.spawn({ lock: newLock(), gracePeriodSeconds: 60, ...request }),
    follow: (session, status) => until(platform.statusStream(session.name), status),
    envOf: (session) => askJson(session, 'env'),
    async requestOf(session, init) {
      const { url, body, headers } = await askJson(session, 'request', init)
      return { url: String(url), body, headers: Object(headers) }
    },
    headersOf: async (session, headers = {}) => (await driver.requestOf(session, { headers })).headers,
    async terminate(session) {
      await platform.terminate(session.name)
      return driver.follow(session)
    },
    openApp() {
      const prefix = newLock()
      const sessionBackends = createSessionBackends({
        platform,
        authorize: () => ({ user: 'ada', auth: { role: 'writer' } }),
        lock: ({ documentId }) => `${prefix}/${documentId}`,
        logs: true,
        secrets: ['a secret of the app'],
        logger: { error: () => {} },
      })
      return {
        sessionBackends,
        async open(documentId, headers = {}) {
          const session = await sessionBackends.connect(documentId, { headers })
          await driver.follow(session, 'Ready')
          return session
        },
      }
    },
  }
  return driver
}

/** Sends a request to a backend. It keeps the query of the session's URL, which may hold a user token. */
export function ask({ url }: Session, path: string, init: RequestInit = {}): Promise<Response> {
  const target = new URL(path, url)
  target.search ||= new URL(url).search
  return fetch(target, init)
}

export async function askJson(
  session: Session,
  path: string,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const response = await ask(session, path, init)
  const value: unknown = await response.json()
  return isRecord(value) ? value : expect.fail(`${path} answered ${response.status}`)
}

/** Follows a backend up to a status, or to its end. Fails if it ends before. */
export async function until(
  states: AsyncIterable<BackendState>,
  status?: BackendStatus,
): Promise<BackendState[]> {
  const seen: BackendState[] = []
  for await (const state of states) {
    seen.push(state)
    if (state.state === status) return seen
    if (status !== undefined && isTerminal(state.state)) {
      throw new Error(`It ended as ${seen.map((each) => each.state).join(', ')}.`)
    }
  }
  return seen
}

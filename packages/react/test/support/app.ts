import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import { createMockPlatform, type Serve } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { webSocket } from '../../src/connection/web-socket.ts'
import type { StoreOptions } from '../../src/session/options.ts'
import type { UseSessionBackendResult } from '../../src/session/result.ts'
import { createSessionHandle, createSharedSessions } from '../../src/session/shared-sessions.ts'
import { platformStatus } from '../../src/status/platform-status.ts'

/** A platform and an app's route on real sockets, for one test. */
export async function startApp(serve: Serve) {
  const platform = await createMockPlatform({ services: { room: { serve } } })
  onTestFinished(() => platform.close())
  const sessionBackends = createSessionBackends({
    platform: jamsocket.fromEnv(platform.env('room')),
    authorize: ({ documentId }) => documentId !== 'secret',
    startupLog: true,
    logger: { error() {} },
  })
  const server = createServer(nodeHandler(sessionBackends)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(
    () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return { platform, server, endpoint: `http://127.0.0.1:${port}/api/sessions` }
}

/** Opens a document as a component does, until the test is over. */
export function openSession<C>(
  endpoint: string,
  {
    connect,
    documentId = 'doc',
    clock = systemClock,
    ...options
  }: Partial<StoreOptions<C>> & { documentId?: string; clock?: Clock } = {},
) {
  const seen: string[] = []
  const handle = createSessionHandle({
    sessions: createSharedSessions(),
    endpoint,
    documentId,
    enabled: true,
    clock,
    random: Math.random,
    initialSession: undefined,
  })
  handle.setOptions({
    endpoint,
    connect: connect ?? webSocket({ WebSocket }),
    statusSource: platformStatus,
    ...options,
  })
  const close = handle.subscribe(() => {
    const { phase, status } = handle.getSnapshot()
    seen.push(`${phase} ${status}`)
  })
  onTestFinished(close)
  return {
    seen,
    close,
    get session(): UseSessionBackendResult<unknown> {
      return handle.getSnapshot()
    },
  }
}

/** Time that passes `factor` times as fast. */
export function fastClock(factor: number): Clock {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * factor,
    after: (ms, callback) => systemClock.after(ms / factor, callback),
  }
}

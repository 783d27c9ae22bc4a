import type { ConformanceCase, Need } from './case.ts'
import type { ConformanceOptions } from './options.ts'
import { PlatformUnderTest } from './platform.ts'
import { authentication } from './sections/authentication.ts'
import { backendContainers } from './sections/backend-containers.ts'
import { connectionUrl } from './sections/connection-url.ts'
import { cors } from './sections/cors.ts'
import { fetchByLock } from './sections/fetch.ts'
import { logs } from './sections/logs.ts'
import { paths } from './sections/paths.ts'
import { readyPage } from './sections/ready-page.ts'
import { createService, listServices } from './sections/services.ts'
import { spawn } from './sections/spawn.ts'
import { currentStatus, statusStream } from './sections/status.ts'
import { statuses } from './sections/statuses.ts'
import { terminate } from './sections/terminate.ts'

export type { ConformanceCase } from './case.ts'
export type { ConformanceOptions, WebSocketLike } from './options.ts'

/** In the order of the specification; what it leaves to other documents comes last. */
const SECTIONS = [
  authentication,
  createService,
  listServices,
  spawn,
  fetchByLock,
  logs,
  statusStream,
  statuses,
  currentStatus,
  readyPage,
  terminate,
  cors,
  backendContainers,
  connectionUrl,
  paths,
]

/**
 * The cases that any platform has to pass: at least one for each row of the HTTP API's specification, except
 * for the container registry. They talk plain HTTP to `baseUrl`, and need Node 20 and no test framework:
 *
 * ```ts
 * for (const { section, title, skip, run } of platformConformance(options)) {
 *   it.skipIf(skip)(`${section}: ${title}`, ({ signal }) => run(signal))
 * }
 * ```
 *
 * The service under test runs `@session-backend/conformance/backend.mjs`, a Node program without
 * dependencies. Each run creates one service, which the API cannot delete again.
 */
export function platformConformance(options: ConformanceOptions): ConformanceCase[] {
  return SECTIONS.flatMap(({ heading, rows }) =>
    rows.map(({ row, title, needs, run }) => ({
      section: heading,
      row,
      title,
      ...(needs && !has(options, needs) && { skip: `needs the option ${needs}` }),
      async run(signal) {
        const platform = new PlatformUnderTest(options, signal)
        try {
          await run(platform)
        } finally {
          await platform.close()
        }
      },
    })),
  )
}

function has(options: ConformanceOptions, need: Need): boolean {
  return options[need] !== undefined || (need === 'WebSocket' && 'WebSocket' in globalThis)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import type { Backend } from '../backends/backend.ts'
import { sendError, sendJson } from '../server/answers.ts'
import { checkAccess } from './access.ts'
import { createChanges, noSuchAddress } from './changes.ts'
import { scripts, sendDashboardPage } from './page.ts'
import { readRoomStats } from './room-stats.ts'
import { type SnapshotSource, takeSnapshot } from './snapshot.ts'

/** What the dashboard shows, and what it may do. */
export interface DashboardOptions extends SnapshotSource {
  /** The access token of the API, which is checked if a request brings one, and never shown. */
  token: string
  onProblem: (problem: unknown) => void
}

/** The most lines of a log in one answer. */
const LINES_AT_ONCE = 500

/** Creates the dashboard, which answers requests on a separate server. */
export function createDashboard(options: DashboardOptions) {
  const { backends, token, onProblem } = options
  const changes = createChanges(options)

  async function answer(request: IncomingMessage, pathname: string, query: string): Promise<unknown> {
    if (!pathname.startsWith('/dashboard/')) throw noSuchAddress()
    const path = pathname.split('/').slice(2)
    const [collection = '', name = '', action = ''] = path
    checkAccess(request, token)
    if (request.method === 'GET') {
      if (collection === 'state' && path.length === 1) return takeSnapshot(options)
      if (collection === 'backends' && action === 'log') {
        return readLog(backends.existing(name), Number(new URLSearchParams(query).get('after')))
      }
      if (collection === 'backends' && action === 'stats') {
        return { stats: await readRoomStats(backends.existing(name)) }
      }
    }
    if (request.method === 'POST') {
      const change = Object.hasOwn(changes, collection) ? changes[collection] : undefined
      if (change) return change(request, name, action)
    }
    throw noSuchAddress()
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    // Clients also send targets that are not URLs, such as `//`.
    const [pathname = '', query = ''] = (request.url ?? '').split('?')
    const isPage = pathname === '/'
    const script = scripts[pathname.slice('/dashboard/'.length)]
    // To HEAD node sends the head only: it is how some programs find out whether the platform runs.
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && isPage) sendDashboardPage(response)
    else if (isRead && script !== undefined) sendScript(response, script)
    else {
      answer(request, pathname, query).then(
        (value) => sendJson(response, 200, value),
        (error) => {
          if (!(error instanceof SessionBackendError)) onProblem(error)
          sendError(response, error)
          request.resume()
        },
      )
    }
  }
}

function readLog(backend: Backend, after: number) {
  const lines: { id: number; text: string }[] = []
  const feed = backend.log.lines
  let entry = feed.after(Number.isSafeInteger(after) ? after : 0)
  while (entry && lines.length < LINES_AT_ONCE) {
    lines.push({ id: entry.id, text: entry.value })
    entry = feed.after(entry.id)
  }
  return { lines, more: entry !== undefined, ended: feed.ended && entry === undefined }
}

function sendScript(response: ServerResponse, script: string): void {
  response.writeHead(200, {
    'content-type': 'text/javascript; charset=utf-8',
    'content-length': Buffer.byteLength(script),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(script)
}

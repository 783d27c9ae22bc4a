import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import * as v from 'valibot'
import type { Backend } from '../backends/backend.ts'
import { FaultSchema } from '../faults/faults.ts'
import { readBody } from '../http/body.ts'
import { Spawn } from '../http/v1/spawn.ts'
import { sendError, sendJson } from '../server/answers.ts'
import { checkAccess } from './access.ts'
import { scripts, sendDashboardPage } from './page.ts'
import { type SnapshotSource, takeSnapshot } from './snapshot.ts'

/** What the dashboard shows, and what it may do. */
export interface DashboardOptions extends SnapshotSource {
  /** The access token of the API, which is checked if a request brings one, and never shown. */
  token: string
  onProblem: (problem: unknown) => void
}

/** The most lines of a log in one answer. */
const LINES_AT_ONCE = 500

/** Changes something; the rest of the address says what. */
type Change = (request: IncomingMessage, name: string, action: string) => Promise<unknown>

const Nothing = v.object({})
const AddFault = v.object({ fault: FaultSchema })

/** Creates the dashboard, which answers requests on a separate server. */
export function createDashboard(options: DashboardOptions) {
  const { backends, services, faults, token, onProblem } = options

  /** What can be changed, by the first part of the address. */
  const changes: Readonly<Record<string, Change>> = {
    async services(request, name, action) {
      if (action !== 'spawn' || !services.has(name)) throw notFound()
      const { backend, spawned } = backends.spawn(name, await readBody(request, Spawn))
      return { name: backend.name, spawned }
    },
    async backends(request, name, action) {
      await readBody(request, Nothing)
      const backend = backends.existing(name)
      if (action === 'terminate') backend.send({ type: 'terminate' })
      else if (action === 'crash') backend.kill()
      else if (action === 'lose') faults.lose(name)
      else throw notFound()
      return { status: 'ok' }
    },
    async faults(request, action) {
      if (action === 'add') faults.add((await readBody(request, AddFault)).fault)
      else if (action === 'clear') {
        await readBody(request, Nothing)
        faults.clear()
      } else throw notFound()
      return { status: 'ok' }
    },
  }

  async function answer(request: IncomingMessage, pathname: string, query: string): Promise<unknown> {
    if (!pathname.startsWith('/dashboard/')) throw notFound()
    const path = pathname.split('/').slice(2)
    const [collection = '', name = '', action = ''] = path
    checkAccess(request, token)
    if (request.method === 'GET') {
      if (collection === 'state' && path.length === 1) return takeSnapshot(options)
      if (collection === 'backends' && action === 'log') {
        return readLog(backends.existing(name), Number(new URLSearchParams(query).get('after')))
      }
    }
    if (request.method === 'POST') {
      const change = Object.hasOwn(changes, collection) ? changes[collection] : undefined
      if (change) return change(request, name, action)
    }
    throw notFound()
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

function notFound(): SessionBackendError {
  return new SessionBackendError('not_found', 'The dashboard has no such address.')
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

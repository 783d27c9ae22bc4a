import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRecord } from '@session-backend/core/internal'
import { createMockPlatform, type Serve } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import { build, type PluginOption } from 'vite'
import { type WebSocket, WebSocketServer } from 'ws'

const packages = join(import.meta.dirname, '../../packages')

/** For Vite: the packages are read as sources, so that no build is needed. */
export const packageSources = {
  alias: [
    { find: /^@session-backend\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
    { find: /^@session-backend\/([^/]+)\/(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
  ],
}

/** The program of a page under test, from the packages' sources. */
export async function buildPage(
  entry = join(packages, 'react/test/browser/page.tsx'),
  plugins: PluginOption[] = [],
): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: join(packages, 'react'),
    define: { 'process.env.NODE_ENV': '"production"' },
    // Tests run in a development environment, the page in production.
    oxc: { jsx: { development: false } },
    resolve: packageSources,
    plugins,
    build: {
      write: false,
      minify: false,
      lib: { entry, formats: ['iife'], name: 'hookPage' },
    },
  })
  const [first] = Array.isArray(result) ? result : [result]
  const chunk = first && 'output' in first ? first.output[0] : undefined
  if (!chunk) throw new Error('The page was not built.')
  return chunk.code
}

/** A room that sends back what it gets; `crash` ends its backend. Asked to end, it tells its pages to come back. */
function createRoom() {
  const sockets = new Set<WebSocket>()
  const received: string[] = []
  const serve: Serve = (server, { exit, beforeEnd }) => {
    const own = new Set<WebSocket>()
    beforeEnd(async () => {
      const open = [...own]
      const reason = JSON.stringify({ comeBackWithin: open.length })
      for (const socket of open) socket.close(1012, reason)
      // A page that has fallen silent doesn't answer.
      await Promise.race([Promise.all(open.map((socket) => once(socket, 'close'))), delay(1000)])
    })
    new WebSocketServer({ server }).on('connection', (socket) => {
      for (const each of [sockets, own]) each.add(socket)
      socket.on('close', () => {
        for (const each of [sockets, own]) each.delete(socket)
      })
      socket.on('message', (data) => {
        const text = String(data)
        if (text === 'crash') exit(1)
        received.push(text)
        socket.send(text)
      })
    })
  }
  return { serve, sockets, received }
}

/** The status streams that are open at a server of this process, as that server sees them. */
function watchStreams(port: number) {
  const open = new Set<ServerResponse>()
  const onRequest = (message: unknown) => {
    const { request, response } = isRecord(message) ? message : {}
    if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return
    if (request.socket.localPort !== port || !request.url?.endsWith('/status/stream')) return
    open.add(response)
    response.once('close', () => open.delete(response))
  }
  subscribe('http.server.request.start', onRequest)
  return { open, stop: () => void unsubscribe('http.server.request.start', onRequest) }
}

/** An app with the page on it, its route, a platform and rooms; over HTTP/1.1, on real sockets. */
export async function startHookApp(script: string, files: Readonly<Record<string, string>> = {}) {
  const { serve, sockets, received } = createRoom()
  const platform = await createMockPlatform({ services: { room: { serve } } })
  const platformStreams = watchStreams(Number(new URL(platform.url).port))
  const handle = nodeHandler(
    createSessionBackends({
      platform: jamsocket({
        account: platform.account,
        token: platform.token,
        service: 'room',
        apiUrl: platform.url,
      }),
      authorize: () => true,
      logger: { error() {} },
    }),
  )
  /** Status streams that the app has open now. */
  const streams = new Set<ServerResponse>()
  /** When the route was asked for sessions. */
  const posts: number[] = []
  /** For which documents. */
  const documents: string[] = []
  let waitSeconds = 0
  let restored = 0
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app.test')
    if (pathname.startsWith('/api/sessions/')) {
      if (request.method === 'POST') {
        posts.push(performance.now())
        documents.push(pathname.slice('/api/sessions/'.length))
        if (waitSeconds > 0) {
          response.writeHead(503, { 'retry-after': String(waitSeconds) }).end()
          waitSeconds = 0
          return
        }
      }
      if (pathname.endsWith('/status')) {
        streams.add(response)
        response.on('close', () => streams.delete(response))
      }
      handle(request, response)
    } else if (pathname === '/page.js') {
      response.setHeader('content-type', 'text/javascript').end(script)
    } else if (files[pathname] !== undefined) {
      response.setHeader('content-type', 'text/javascript').end(files[pathname])
    } else if (pathname === '/api/other') {
      if (searchParams.has('restored')) restored++
      response.end('ok')
    } else {
      const policy = searchParams.get('csp')?.replace('PLATFORM', platform.url)
      if (policy) response.setHeader('content-security-policy', policy)
      response.setHeader('content-type', 'text/html')
      response.end(
        pathname === '/elsewhere'
          ? '<!doctype html><title>Elsewhere</title>'
          : '<!doctype html><title>Page</title><div id="root"></div><script src="/page.js"></script>',
      )
    }
  })
  // Node lets 511 connections wait to be accepted. The rest of a crowd would try again after 1, 3, 7 and 15 s.
  server.listen(0, 'localhost', 4096)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    platform,
    /** The open sockets of all rooms. */
    sockets,
    /** What the rooms got. */
    received,
    url: `http://localhost:${port}`,
    streams,
    /** Status streams that the platform has open now. */
    platformStreams: platformStreams.open,
    posts: () => posts.length,
    /** For which document each of them was. */
    documents,
    /** When each was made, in ms. */
    postTimes: posts,
    /** Refuses the next `POST`, and asks to wait for so many seconds. */
    refuseFor(seconds: number) {
      waitSeconds = seconds
    },
    /** How often a page came back from the back/forward cache. */
    restored: () => restored,
    async close() {
      platformStreams.stop()
      server.closeAllConnections()
      server.close()
      await platform.close()
    },
  }
}

export type HookApp = Awaited<ReturnType<typeof startHookApp>>

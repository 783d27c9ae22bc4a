import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createMockPlatform, type Serve } from '@session-backend/mock-platform'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'
import { build } from 'vite'
import { type WebSocket, WebSocketServer } from 'ws'

const packages = join(import.meta.dirname, '../../packages')

/** The program of a page under test, from the packages' sources. */
export async function buildPage(entry = join(packages, 'react/test/browser/page.tsx')): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: join(packages, 'react'),
    define: { 'process.env.NODE_ENV': '"production"' },
    // Tests run in a development environment, the page in production.
    oxc: { jsx: { development: false } },
    resolve: {
      alias: [
        { find: /^@session-backend\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
        { find: /^@session-backend\/([^/]+)\/(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
      ],
    },
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

/** A room that sends back what it gets; `crash` ends its backend. */
function createRoom() {
  const sockets = new Set<WebSocket>()
  const received: string[] = []
  const serve: Serve = (server, { exit }) => {
    new WebSocketServer({ server }).on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
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

/** An app with the page on it, its route, a platform and rooms; over HTTP/1.1, on real sockets. */
export async function startHookApp(script: string) {
  const { serve, sockets, received } = createRoom()
  const platform = await createMockPlatform({ services: { room: { serve } } })
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
  /** Relayed streams that are open now. */
  const streams = new Set<ServerResponse>()
  /** When the route was asked for sessions. */
  const posts: number[] = []
  let waitSeconds = 0
  let restored = 0
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app.test')
    if (pathname.startsWith('/api/sessions/')) {
      if (request.method === 'POST') {
        posts.push(performance.now())
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
  }).listen(0, 'localhost')
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
    posts: () => posts.length,
    /** When each was made, in ms. */
    postTimes: posts,
    /** Refuses the next `POST`, and asks to wait for so many seconds. */
    refuseFor(seconds: number) {
      waitSeconds = seconds
    },
    /** How often a page came back from the back/forward cache. */
    restored: () => restored,
    async close() {
      server.closeAllConnections()
      server.close()
      await platform.close()
    },
  }
}

export type HookApp = Awaited<ReturnType<typeof startHookApp>>

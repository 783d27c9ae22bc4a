import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Behaviour = (request: IncomingMessage, response: ServerResponse, socket: Socket) => void

/** How the backend of the fuzz test answers, by the first part of the path. */
export const BEHAVIOURS: Record<string, Behaviour> = {
  echo: (request, response) => void request.pipe(response),
  plain: (_request, response) => response.end('ok'),
  early: (_request, response) => response.writeHead(413).end('too large'),
  late: (_request, response) => void setTimeout(() => response.end('late'), 5),
  close: (_request, response, socket) => response.end('bye', () => socket.destroy()),
  reset: (_request, _response, socket) => socket.resetAndDestroy(),
  nothing: (_request, _response, socket) => socket.end(),
  garbage: (_request, _response, socket) => socket.end('this is not HTTP\r\n\r\n'),
  cut: (_request, response, socket) =>
    response.writeHead(200, { 'content-length': 9 }).write('part', () => socket.destroy()),
  hints: (_request, response, socket) => {
    for (let i = 0; i < 20; i++) socket.write(`HTTP/1.1 103 Early Hints\r\nlink: <${';a'.repeat(50)}\r\n\r\n`)
    response.end('ok')
  },
  unchanged: (_request, _response, socket) =>
    socket.write('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'),
  empty: (_request, _response, socket) =>
    socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'),
  trailers: (request, response) => {
    // Node throws at trailers that it cannot send.
    if (request.method !== 'HEAD') response.setHeader('trailer', 'x-sum')
    response.write('body')
    response.addTrailers({ 'x-sum': '1' })
    response.end()
  },
  large: (_request, response) => response.writeHead(200, { 'x-large': 'x'.repeat(30_000) }).end('ok'),
  switch: (_request, _response, socket) =>
    socket.write('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  odd: (_request, _response, socket) =>
    socket.end(
      'HTTP/1.1 200 N\x01\xff\r\nx-odd: \x80\xff\r\ncontent-length: 2\r\n\r\nok, and more',
      'latin1',
    ),
}

/** Serves them, and accepts upgrades: what it gets it sends back. */
export function serveBehaviours(server: Server): void {
  const behaviourOf = ({ url = '' }: IncomingMessage) =>
    BEHAVIOURS[url.split(/[/?]/)[1] ?? ''] ?? ((_request, response) => response.writeHead(404).end())
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.on('error', () => {})
    behaviourOf(request)(request, response, request.socket)
  }
  server.on('connection', (socket) => socket.on('error', () => {}))
  server.on('request', answer)
  server.on('checkContinue', (request, response) => {
    if (!request.url?.startsWith('/early')) response.writeContinue()
    answer(request, response)
  })
  server.on('upgrade', ({ url }, socket) => {
    if (url?.startsWith('/refuse')) {
      socket.end(`HTTP/1.1 403 No\r\ncontent-length: 50000\r\n\r\n${'x'.repeat(50_000)}`)
    } else if (url?.startsWith('/reset')) socket.destroy()
    else {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      socket.pipe(socket)
    }
  })
}

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionUrls } from '../proxy/connection-url.ts'
import type { BackendProxy } from '../proxy/index.ts'
import type { HttpServer } from '../server/listen.ts'
import { answerOn, type PlatformRequest } from '../server/messages.ts'

/** Passes each request to the API or to the backends. */
export function serve(
  server: HttpServer,
  api: (request: PlatformRequest, response: ServerResponse) => void,
  proxy: BackendProxy,
  urls: ConnectionUrls,
): void {
  /** Connections that end with an answer that is on its way. */
  const ending = new WeakSet<Socket>()

  function answer(request: PlatformRequest, response: ServerResponse, expectsContinue: boolean): void {
    if (ending.has(request.socket)) return void request.resume()
    if (request.ignoresUpgrade) {
      ending.add(request.socket)
      response.shouldKeepAlive = false
    }
    toOriginForm(request)
    const target = urls.parse(request)
    if (target) proxy.handleRequest(request, response, target)
    else {
      if (expectsContinue) response.writeContinue()
      api(request, response)
    }
  }

  server.on('request', (request, response) => answer(request, response, false))
  server.on('checkContinue', (request, response) => answer(request, response, true))
  server.on('upgrade', (request, _socket, head) => {
    // What follows is 'close'.
    request.socket.on('error', () => {})
    toOriginForm(request)
    const target = urls.parse(request)
    if (target) proxy.handleUpgrade(request, head, target)
    else api(request, answerOn(request))
  })
}

/** RFC 9112, section 3.2.2: a client may send a whole URL, whose host stands for the Host header. */
function toOriginForm(request: PlatformRequest): void {
  const [, host = '', path = ''] = /^https?:\/\/([^/?]+)(.*)$/is.exec(request.url ?? '') ?? []
  if (host === '' || !URL.canParse(`http://${host}`)) return
  request.url = path.startsWith('/') ? path : `/${path}`
  request.headers.host = host
}

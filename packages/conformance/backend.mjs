// The backend that the conformance suite drives: any platform can run it, with nothing but Node 20.
//
//   GET  env                   the variables that the platform passed, as JSON
//   *    request?...           what arrived, as JSON: method, url, headers, body
//   GET  events                an event stream that says one thing and stays open
//   GET  cors                  an answer that sets its own CORS header
//   POST log                   writes the body to its log, to stderr with ?to=stderr
//   POST exit?code=N           answers, then exits with N; ?signal=SIGKILL dies by that signal
//   POST close                 answers, then stops listening and lives on
//   WebSocket                  echoes
//
// With SESSION_BACKEND_STATIC_TOKEN, all of it is below that token.
// CONFORMANCE_START=never does not listen at all; CONFORMANCE_DELAY_MS=N listens after N ms.
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'

const PASSED = /^(PORT$|TRACEPARENT$|JAMSOCKET_|SESSION_BACKEND_|CONFORMANCE_)/

/** A container's network ends with it: so long, in ms, an answer has to leave it. */
const ANSWER_TIME = 100

/**
 * What the backend needs from the platform that runs it.
 *
 * @typedef {object} Context
 * @property {Readonly<Record<string, string | undefined>>} env
 * @property {(line: string) => void} log
 * @property {(line: string) => void} [logError]
 * @property {(code: number) => void} exit
 * @property {(signal: string) => void} [kill]
 */

/**
 * Makes a server the backend; resolves when it may listen. A platform that runs functions calls it itself.
 *
 * @param {import('node:http').Server} server
 * @param {Context} context
 */
export async function serve(server, context) {
  const { env, log } = context
  server.on('request', (request, response) => void answer(server, context, request, response))
  server.on('upgrade', echo)
  if (env.CONFORMANCE_START === 'never') await new Promise(() => {})
  await new Promise((resolve) => setTimeout(resolve, Number(env.CONFORMANCE_DELAY_MS ?? 0)))
  const told = () => {
    const address = server.address()
    log(`listening on ${typeof address === 'object' ? address?.port : address}`)
  }
  if (server.listening) told()
  else server.once('listening', told)
}

/**
 * @param {import('node:http').Server} server
 * @param {Context} context
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(server, { env, log, logError = log, exit, kill }, request, response) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://backend')
  const prefix = env.SESSION_BACKEND_STATIC_TOKEN ? `/${env.SESSION_BACKEND_STATIC_TOKEN}` : ''
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  /** @param {unknown} value */
  const json = (value, headers = {}) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
  /** @param {() => void} act */
  const afterwards = (act) => {
    response.once('finish', () => setTimeout(act, ANSWER_TIME))
    json({ status: 'ok' })
  }

  switch (pathname.replace(prefix, '')) {
    case '/env':
      return json(Object.fromEntries(Object.entries(env).filter(([name]) => PASSED.test(name))))
    case '/request':
      return json({ method: request.method, url: request.url, headers: request.headers, body })
    case '/cors':
      return json({}, { 'access-control-allow-origin': 'https://app.example' })
    case '/events':
      return response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n')
    case '/log':
      if (searchParams.get('to') === 'stderr') logError(body)
      else log(body)
      return json({ status: 'ok' })
    case '/exit': {
      const signal = searchParams.get('signal')
      // What cannot be killed by a signal exits as a shell reports one.
      return afterwards(() =>
        signal && kill ? kill(signal) : exit(signal ? 137 : Number(searchParams.get('code'))),
      )
    }
    case '/close':
      return afterwards(() => {
        server.close()
        server.closeAllConnections()
      })
    default:
      return response.writeHead(404).end()
  }
}

/**
 * Echoes a WebSocket. RFC 6455, as far as an echo needs it: whole frames, no extensions.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Duplex} socket
 * @param {Buffer} head
 */
function echo(request, socket, head) {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let received = head
  const answerFrames = () => {
    for (let frame = readFrame(received); frame; frame = readFrame(received)) {
      received = received.subarray(frame.size)
      socket.write(frame.echo)
      if (frame.closes) socket.end()
    }
  }
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    answerFrames()
  })
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  answerFrames()
}

/**
 * The first frame, of up to 65,535 bytes and masked, once all of it is there.
 *
 * @param {Buffer} bytes
 */
function readFrame(bytes) {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  const start = short === 126 ? 4 : 2
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short
  const size = start + 4 + length
  if (bytes.length < size) return undefined
  const payload = Buffer.alloc(length)
  for (let index = 0; index < length; index++) {
    payload[index] = bytes.readUInt8(start + 4 + index) ^ bytes.readUInt8(start + (index % 4))
  }
  const head = Buffer.from(bytes.subarray(0, start))
  head.writeUInt8(short, 1)
  return { size, echo: Buffer.concat([head, payload]), closes: (bytes.readUInt8(0) & 0x0f) === 8 }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.on('SIGTERM', () => process.exit(0))
  // It lives on without a socket too, so that the platform can find it alive and out of reach.
  setInterval(() => {}, 60_000)
  const server = createServer()
  await serve(server, {
    env: process.env,
    log: (line) => console.log(line),
    logError: (line) => console.error(line),
    exit: (code) => process.exit(code),
    // The first process of a container takes no SIGKILL from inside it.
    ...(process.pid !== 1 && { kill: (signal) => process.kill(process.pid, signal) }),
  })
  server.listen(Number(process.env.PORT))
}

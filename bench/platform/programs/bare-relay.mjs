// @ts-check
// The least that a proxy in Node can do: a request without a body is passed to undici, and its answer back; the sockets of a
// WebSocket are joined by `pipe`. Nothing is checked, so it is no proxy to use.
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { Client } from 'undici'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const target = process.env.TARGET ?? ''
const { hostname, port } = new URL(target)
/** @type {Client[]} */
const idle = []

/** The headers, without those of their connection. @param {readonly (string | Buffer)[]} raw */
function copyOf(raw) {
  const headers = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = String(raw[index])
    if (!/^(?:connection|keep-alive)$/i.test(name)) headers.push(name, String(raw[index + 1]))
  }
  return headers
}

const server = createServer((request, response) => {
  const client = idle.pop() ?? new Client(target, { pipelining: 1 })
  /** @type {Buffer[]} */
  const chunks = []
  const headers = copyOf(request.rawHeaders)
  client.dispatch(
    { method: 'GET', path: request.url ?? '/', headers, body: null },
    {
      onRequestStart() {},
      onResponseStart: ({ rawHeaders }, status) =>
        void response.writeHead(status, copyOf(Array.isArray(rawHeaders) ? rawHeaders : [])),
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        idle.push(client)
        response.end(Buffer.concat(chunks).toString('latin1'), 'latin1')
      },
      onResponseError: () => void response.destroy(),
    },
  )
})

server.on('upgrade', ({ url, rawHeaders }, socket, head) => {
  const backend = connect({ host: hostname, port: Number(port), noDelay: true })
  for (const [from, to] of [
    [socket, backend],
    [backend, socket],
  ]) {
    from?.on('error', () => {})
    from?.on('close', () => to?.destroy())
  }
  const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
  backend.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  backend.write(head)
  socket.pipe(backend)
  backend.pipe(socket)
})

serveForBench(server)

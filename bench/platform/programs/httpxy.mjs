// @ts-check
// The same proxying by httpxy, with connections to the backend that are kept.
import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'httpxy'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const proxy = createProxyServer({
  target: process.env.TARGET ?? '',
  ws: true,
  xfwd: true,
  agent: new Agent({ keepAlive: true }),
})
const server = createServer((request, response) => {
  proxy.web(request, response).catch(() => response.destroy())
})
server.on('upgrade', (request, socket, head) => {
  proxy.ws(request, request.socket, {}, head).catch(() => socket.destroy())
})

serveForBench(server)

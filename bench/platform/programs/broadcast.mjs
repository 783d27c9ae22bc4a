// @ts-check
// What a careful person writes to tell many readers something: a list of answers, and one `write` for each of them.
import { createServer } from 'node:http'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

/** @type {Set<import('node:http').ServerResponse>} */
const readers = new Set()

/** @param {number} id @param {string} state */
const event = (id, state) =>
  `id: feed:${id}\ndata: ${JSON.stringify({ status: state, time: new Date().toISOString() })}\n\n`

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    const bytes = event(5, 'terminating')
    for (const reader of readers) reader.write(bytes)
    response.end()
    return
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    connection: 'close',
  })
  response.write(
    ['scheduled', 'loading', 'starting', 'ready'].map((state, index) => event(index + 1, state)).join(''),
  )
  readers.add(response)
  response.once('close', () => readers.delete(response))
})

serveForBench(server)

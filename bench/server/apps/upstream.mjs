// @ts-check
// The platform: answers every spawn, at once or after a while, and counts them. Nothing here may be slow.
// A while is up to a twentieth longer or shorter, and evenly so, since no real platform is exact: timers of one length
// that were set in one turn run out in one turn, and all connections would go on in lockstep.
import { createServer } from 'node:http'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2

const delay = Number(process.env.DELAY)
const body = JSON.stringify({
  name: '8nyg2',
  url: 'https://8nyg2.p.example.test/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  ready_url: 'https://api.example.test/ready/8nyg2/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  status_url: 'https://api.example.test/backend/8nyg2/status',
  spawned: false,
  status: 'Ready',
})
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }

let calls = 0

const server = createServer((request, response) => {
  calls++
  const answer = () => response.writeHead(200, headers).end(body)
  request
    .resume()
    .on('end', () =>
      delay > 0 ? setTimeout(answer, delay * (0.95 + ((calls * GOLDEN_RATIO) % 1) / 10)) : answer(),
    )
})

serveForBench(server, () => calls)

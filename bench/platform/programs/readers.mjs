// @ts-check
// Many readers of one stream, in their own process. `open` connects them; `tell` sends the request that makes the
// event, and answers how long it took until each reader had it; `leave` lets them go.
import { request } from 'node:http'
import { connect } from 'node:net'

const AT_ONCE = 200
const buffer = Buffer.alloc(64 * 1024)

/** @type {import('node:net').Socket[]} */
let sockets = []
/** @type {(index: number) => void} */
let onEvent = () => {}

/** @param {URL} url @param {number} index */
function join(url, index) {
  return new Promise((resolve, reject) => {
    let had = ''
    const socket = connect({
      host: url.hostname,
      port: Number(url.port),
      // One buffer for all: what a reader costs here must not be what is measured.
      onread: {
        buffer,
        callback(length) {
          if (had !== 'ready') {
            had += buffer.toString('latin1', 0, length)
            if (!had.includes('"ready"')) return true
            had = 'ready'
            resolve(undefined)
          } else if (buffer.subarray(0, length).includes('"terminating"')) onEvent(index)
          return true
        },
      },
    })
    socket.on('error', reject)
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`)
    sockets.push(socket)
  })
}

/** @param {{ url: string, count: number }} what */
async function open({ url, count }) {
  const address = new URL(url)
  for (let index = 0; index < count; index += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - index) }, (_, offset) => join(address, index + offset)),
    )
  }
}

/** @param {{ url: string, token: string }} what @returns {Promise<number>} */
function tell({ url, token }) {
  return new Promise((resolve, reject) => {
    const waiting = new Set(sockets.keys())
    const begin = performance.now()
    onEvent = (index) => {
      if (waiting.delete(index) && waiting.size === 0) resolve(performance.now() - begin)
    }
    const headers = { authorization: `Bearer ${token}` }
    request(url, { method: 'POST', headers }, (response) => response.resume())
      .on('error', reject)
      .end()
  })
}

async function leave() {
  const left = sockets
  sockets = []
  await Promise.all(
    left.map(
      (socket) =>
        new Promise((resolve) => (socket.destroyed ? resolve(0) : socket.once('close', resolve).destroy())),
    ),
  )
}

process.on('message', async (/** @type {any} */ { kind, ...what }) => {
  if (kind === 'open') process.send?.(await open(what).then(() => 'opened'))
  if (kind === 'tell') process.send?.(await tell(what))
  if (kind === 'leave') process.send?.(await leave().then(() => 'left'))
})
process.on('disconnect', () => process.exit())

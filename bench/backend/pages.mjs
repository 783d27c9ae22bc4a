// @ts-check
// Pages of the rooms on `ws`. Those that listen count bytes: they cost so little that the room is what is measured.
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { COME_IN } from './rooms/come-in.mjs'
import { servePages } from './talk.mjs'

/**
 * @param {string} language
 * @param {string} id
 * @param {string} text
 */
function encode(language, id, text) {
  const content = { id, text }
  return JSON.stringify(language === 'protocol' ? [0, 'say', content] : content)
}

/** What a page of a protocol says first. */
const hello = () => JSON.stringify(['hello', 1, randomUUID(), 0, 0])

/** @type {import('./talk.mjs').OpenSpeaker} */
async function openSpeaker(url, language) {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('open', () => {
    if (language === 'protocol') socket.send(hello())
  })
  await new Promise((resolve) => {
    socket.on('message', (data) => String(data).includes(COME_IN) && resolve(undefined))
  })
  socket.removeAllListeners('message')
  return {
    say: (id, text) => socket.send(encode(language, id, text)),
    onHeard(listener) {
      socket.on('message', (/** @type {Buffer} */ data) => {
        const said = JSON.parse(data.toString())
        listener(language === 'protocol' ? said[2].id : said.id)
      })
    },
    close: () => socket.terminate(),
  }
}

/** @type {import('./talk.mjs').OpenListener} */
async function openListener(url, language) {
  const { hostname, port } = new URL(url)
  /** A room's frames are all of one length. */
  const length = 2 + encode(language, 'page-0-', 'x'.repeat(60)).length
  let [greeting, bytes] = ['', 0]
  let onGreeted = () => {}
  /** @type {(count: number) => void} */
  let hear = () => {}
  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: Buffer.alloc(64 * 1024),
      callback(count, buffer) {
        if (greeting.includes(COME_IN)) {
          const before = Math.floor(bytes / length)
          bytes += count
          hear(Math.floor(bytes / length) - before)
        } else {
          greeting += Buffer.from(buffer).toString('latin1', 0, count)
          if (greeting.includes(COME_IN)) onGreeted()
        }
        return true
      },
    },
  })
  const headers = 'Host: room\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13'
  socket.write(`GET / HTTP/1.1\r\n${headers}\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`)
  if (language === 'protocol') socket.write(frame(hello()))
  await new Promise((resolve) => {
    onGreeted = () => resolve(undefined)
  })
  return {
    onHeard(listener) {
      hear = listener
    },
    close: () => socket.destroy(),
  }
}

/**
 * A short text as a page sends it, with a mask of zeros.
 * @param {string} text
 */
function frame(text) {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

servePages(openSpeaker, openListener)

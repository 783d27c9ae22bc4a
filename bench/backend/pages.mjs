// @ts-check
// Pages of one room, in a process of their own. Some of them speak: each says the next thing once it has heard its last one from
// the room, and a few more are on their way. So the room is never idle, and nothing piles up.
import { once } from 'node:events'
import { WebSocket } from 'ws'

const AT_ONCE = 8
const TEXT = 'x'.repeat(60)
const TIMEOUT = 300_000

/** How a page says something, and reads who said it. */

const LANGUAGES = {
  /** @param {string} id */
  raw: (id) => JSON.stringify({ id, text: TEXT }),
  /** @param {string} id */
  protocol: (id) => JSON.stringify([0, 'say', { id, text: TEXT }]),
}

/** @param {{ url: string, language: 'raw' | 'protocol', pages: number, speakers: number, messages: number }} work */
async function talk({ url, language, pages, speakers, messages }) {
  const sockets = Array.from({ length: pages }, () => new WebSocket(url, { perMessageDeflate: false }))
  await Promise.all(sockets.map((socket) => once(socket, 'open')))
  const each = Math.ceil(messages / speakers)
  const expected = each * speakers * pages
  let heard = 0
  /** @type {() => void} */
  let finish = () => {}
  const all = new Promise((resolve) => {
    finish = () => resolve(undefined)
  })
  const timer = setTimeout(finish, TIMEOUT)
  const startedAt = performance.now()
  for (const [index, socket] of sockets.entries()) {
    const id = `page-${index}-`
    let said = 0
    const say = () => {
      said += 1
      socket.send(LANGUAGES[language](id))
    }
    const mark = Buffer.from(id)
    socket.on('message', (/** @type {Buffer} */ data) => {
      heard += 1
      if (heard === expected) finish()
      if (index < speakers && said < each && data.includes(mark)) say()
    })
    if (index < speakers) for (let count = 0; count < Math.min(AT_ONCE, each); count++) say()
  }
  await all
  const seconds = (performance.now() - startedAt) / 1000
  clearTimeout(timer)
  for (const socket of sockets) socket.terminate()
  if (heard !== expected) throw new Error(`Of ${expected} messages, ${heard} arrived within ${TIMEOUT} ms.`)
  return { perSecond: (each * speakers) / seconds }
}

process.on('message', async (/** @type {Parameters<typeof talk>[0]} */ work) =>
  process.send?.(await talk(work)),
)
process.on('disconnect', () => process.exit())

// @ts-check
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { median } from '../shared/median.mjs'

const message = Buffer.alloc(64, 'x')

/**
 * Sends messages for a while, there and back counted as one: every connection keeps a few of them under way.
 * @param {string} url
 * @param {{ connections: number, underWay: number, seconds: number }} load
 * @returns {Promise<import('./proxy.mjs').Measured>}
 */
export async function sendMessages(url, { connections, underWay, seconds }) {
  let count = 0
  const sockets = await openAll(url, connections)
  for (const socket of sockets) {
    socket.on('message', () => {
      count++
      socket.send(message)
    })
    for (let index = 0; index < underWay; index++) socket.send(message)
  }
  await new Promise((resolve) => setTimeout(resolve, 200))
  const begin = performance.now()
  const before = count
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  const perSecond = ((count - before) / (performance.now() - begin)) * 1_000
  await closeAll(sockets)
  return { value: perSecond, count }
}

/**
 * The time of a message there and back on a connection that has nothing else to do, in ms: the median of many.
 * @param {string} url
 * @param {number} messages
 * @returns {Promise<import('./proxy.mjs').Measured>}
 */
export async function roundTrip(url, messages) {
  const [socket] = await openAll(url, 1)
  if (!socket) throw new Error('There is no connection.')
  const times = []
  for (let index = 0; index < messages; index++) {
    const begin = performance.now()
    socket.send(message)
    await once(socket, 'message')
    times.push(performance.now() - begin)
  }
  await closeAll([socket])
  return { value: median(times.slice(messages / 10)), count: messages }
}

/** @param {string} url @param {number} connections */
function openAll(url, connections) {
  return Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false })
      await once(socket, 'open')
      return socket
    }),
  )
}

/** @param {WebSocket[]} sockets */
async function closeAll(sockets) {
  await Promise.all(
    sockets.map(async (socket) => {
      socket.terminate()
      await once(socket, 'close')
    }),
  )
}

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { encodePageFrame } from '@session-backend/core/internal'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openBoard } from '../support/board.ts'
import { signedIn } from '../support/page.ts'

const WAIT = { timeout: 30_000, interval: 10 }
/** By hand: 1,000. */
const PEOPLE = Number(process.env.CROWD ?? 200)
const MESSAGES = 100
const MAX_BUFFERED = 256 * 1024

/** Opens many sockets at a room. */
async function openCrowd(port: number, size: number): Promise<WebSocket[]> {
  const sockets = Array.from(
    { length: size },
    () => new WebSocket(`ws://127.0.0.1:${port}`, { headers: signedIn('ada') }),
  )
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate()
  })
  await Promise.all(
    sockets.map(async (socket) => {
      await once(socket, 'open')
      socket.send(encodePageFrame({ type: 'hello', page: randomUUID(), since: 0, last: 0, left: 0 }))
      await once(socket, 'message')
    }),
  )
  return sockets
}

/** The 99th percentile of the ms that a message takes to everybody. */
async function measure(
  room: Awaited<ReturnType<typeof openBoard>>['room'],
  sockets: readonly WebSocket[],
): Promise<number> {
  const times: number[] = []
  const padding = 'x'.repeat(4_000)
  for (let count = 0; count < MESSAGES; count++) {
    const arrived = Promise.all(
      sockets.map((socket) =>
        once(socket, 'message').then(() => {
          times.push(performance.now() - sentAt)
        }),
      ),
    )
    const sentAt = performance.now()
    room.broadcast('drawn', { id: padding, x: count })
    await arrived
  }
  times.sort((a, b) => a - b)
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN
}

it('is not slowed down by one page that does not read, which costs no more than its bound and is cut', async () => {
  const { room, port } = await openBoard({
    maxBuffered: MAX_BUFFERED,
    connected: () => {},
    maxConnections: PEOPLE,
  })
  const readers = await openCrowd(port, PEOPLE - 1)
  await vi.waitFor(() => expect(room.stats.connections).toBe(PEOPLE - 1), WAIT)
  await measure(room, readers)
  const alone = await measure(room, readers)
  const [silent] = await openCrowd(port, 1)
  silent?.pause()
  await vi.waitFor(() => expect(room.stats.connections).toBe(PEOPLE), WAIT)
  const together = await measure(room, readers)
  if (process.env.CROWD)
    console.log(`p99 of ${PEOPLE}: ${alone.toFixed(1)} ms, with one silent: ${together.toFixed(1)} ms`)
  expect(together).toBeLessThan(alone * 2 + 20)

  // What the system's own buffers take comes on top of the bound.
  const padding = 'x'.repeat(100_000)
  for (let x = 0; x < 1_000 && room.stats.cut === 0; x++) {
    const arrived = Promise.all(readers.map((socket) => once(socket, 'message')))
    room.broadcast('drawn', { id: padding, x })
    await arrived
  }
  expect(room.stats.cut).toBe(1)
  // The close follows the cut.
  await vi.waitFor(() => expect(room.stats.connections).toBe(PEOPLE - 1), WAIT)
}, 180_000)

it('leaves out volatile messages for a page that does not read, long before it is cut', async () => {
  const { room, port } = await openBoard({ maxBuffered: MAX_BUFFERED, connected: () => {} })
  const [silent] = await openCrowd(port, 1)
  silent?.pause()
  await vi.waitFor(() => expect(room.stats.connections).toBe(1), WAIT)
  const padding = 'x'.repeat(10_000)
  while (room.stats.cut === 0 && room.stats.dropped === 0) {
    room.broadcast('drawn', { id: padding, x: 0 })
    room.broadcast('cursor', 1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(room.stats).toMatchObject({ cut: 0, dropped: 1 })
  silent?.resume()
})

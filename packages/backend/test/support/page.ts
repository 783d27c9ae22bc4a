import { once } from 'node:events'
import {
  encodePageFrame,
  type PageFrame,
  parseRoomFrame,
  type RoomFrame,
} from '@session-backend/core/internal'
import { expect, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'

const WAIT = { timeout: 10_000, interval: 5 }

/** Headers that the platform's proxy sets. */
export const signedIn = (user: string, auth: object = {}) => ({
  'x-verified-username': user,
  'x-verified-user-data': JSON.stringify(auth),
})

/** A page, without a browser: what it was told, in order, and how it ended. */
export async function openPage(port: number, headers: Record<string, string> = signedIn('ada'), path = '/') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  onTestFinished(() => socket.terminate())
  const texts: string[] = []
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  socket.on('error', () => {})
  socket.on('message', (data) => texts.push(String(data)))
  await Promise.race([once(socket, 'open'), closed])
  const frames = () => texts.map(parseRoomFrame)
  const find = (wanted: Partial<Record<string, unknown>>) =>
    vi.waitFor(() => {
      const found = frames().findLast((frame) => frame && isLike(frame, wanted))
      if (found === undefined)
        throw new Error(`${JSON.stringify(wanted)} has not come; only ${texts.join(' ')}`)
      return found
    }, WAIT)
  const say = (frame: PageFrame) => socket.send(encodePageFrame(frame))
  return {
    socket,
    texts,
    closed,
    say,
    find,
    send: (number: number, name: string, content?: unknown) =>
      say({ type: 'message', number, name, content }),
    /** The contents of the app's messages of this name. */
    contents: (name: string) =>
      frames().flatMap((frame) => (frame?.type === 'message' && frame.name === name ? [frame.content] : [])),
    async hello(page: string, since = 0, last = 0, left = 0) {
      say({ type: 'hello', page, since, last, left })
      const frame = await find({ type: 'welcome', page })
      return frame.type === 'welcome' ? frame : expect.fail('This is not a welcome.')
    },
  }
}

export type Page = Awaited<ReturnType<typeof openPage>>

function isLike(frame: RoomFrame, wanted: Partial<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(Reflect.get(frame, key)) === JSON.stringify(value),
  )
}

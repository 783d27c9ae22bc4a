import { parseRoomFrame } from '@session-backend/core/internal'
import { expect, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'

const WAIT = { timeout: 20_000, interval: 10 }

/** A page's socket: what it was told, and by which code it was closed. */
export async function openPage(url: string) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  onTestFinished(() => socket.terminate())
  const frames: ReturnType<typeof parseRoomFrame>[] = []
  socket.on('message', (data) => frames.push(parseRoomFrame(String(data))))
  socket.on('error', () => {})
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  return {
    closed,
    /** The content of the last message of a name, once there is one. */
    message: (name: string): Promise<unknown> =>
      vi.waitFor(() => {
        const frame = frames.findLast((each) => each?.type === 'message' && each.name === name)
        return frame?.type === 'message' ? frame.content : expect.fail(`"${name}" has not come.`)
      }, WAIT),
  }
}

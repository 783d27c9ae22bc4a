import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { defineProtocol } from '@session-backend/core'
import { encodePageFrame } from '@session-backend/core/internal'
import { WebSocket } from 'ws'
import { openRoom } from './open-room.ts'
import { protocolLanguage } from './protocol-language.ts'

/** A rehearsal that takes longer is given up, in ms. */
const LIMIT = 2_000

const protocol = defineProtocol({ toBackend: {}, toPage: {} })

/**
 * Opens an empty room on this machine, lets one page in, and closes the room. A process that waits in a warm
 * pool has then compiled the code that its first page needs. Nothing of the app is called. Never rejects.
 */
export async function rehearse(): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT)
  try {
    const { room, close } = await openEmptyRoom()
    try {
      await visit(room.port, signal)
    } finally {
      await close(signal)
    }
  } catch {
    // The first page waits a little longer.
  }
}

function openEmptyRoom() {
  const report = () => {}
  return openRoom(
    { open: () => undefined, authorize: () => ({}) },
    {
      assignment: {
        ...{ port: 0, id: undefined, key: undefined, fencingToken: undefined, traceparent: undefined },
        ...{ env: {}, warm: true, ready: () => {} },
      },
      address: '127.0.0.1',
      identity: undefined,
      language: (stored) => protocolLanguage({ protocol, messages: {}, stored, report }),
      toValue: () => undefined,
      report,
      end: async () => {},
    },
  )
}

/** Connects, says hello, and leaves once that is answered. */
async function visit(port: number, signal: AbortSignal): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  socket.on('error', () => {})
  try {
    await once(socket, 'open', { signal })
    socket.send(encodePageFrame({ type: 'hello', page: randomUUID(), since: 0, last: 0, left: 0 }))
    await once(socket, 'message', { signal })
  } finally {
    socket.terminate()
  }
}

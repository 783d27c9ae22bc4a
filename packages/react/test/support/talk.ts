import { defineProtocol } from '@session-backend/core'
import {
  encodeRoomFrame,
  type PageFrame,
  parsePageFrame,
  type RoomFrame,
} from '@session-backend/core/internal'
import { createClock } from '@session-backend/mock-platform/clock'
import * as v from 'valibot'
import { vi } from 'vitest'
import { type MessageHandlers, type MessagesOptions, messages } from '../../src/messages.ts'
import { createContext } from './context.ts'
import { FakeSocket } from './world.ts'

const Stroke = v.object({ x: v.number() })

const protocol = defineProtocol({
  toBackend: { draw: Stroke, cursor: v.number(), clear: v.undefined() },
  toPage: { board: v.array(Stroke), drawn: Stroke, cursor: v.number() },
  volatile: ['cursor'],
})

type Handlers = MessageHandlers<{ board: { x: number }[]; drawn: { x: number }; cursor: number }>

/** A page whose backend is the test: what is said over each of its sockets. */
export function createPage({
  onMessage = [] as Handlers[],
  ...options
}: MessagesOptions & { onMessage?: Handlers[] } = {}) {
  const clock = createClock({ frozen: true, start: Date.UTC(2026, 0, 1, 12) })
  const sockets: FakeSocket[] = []
  const onUnsaved = vi.fn<NonNullable<MessagesOptions['onUnsaved']>>()
  const onError = vi.fn<NonNullable<MessagesOptions['onError']>>()
  const shown = vi.fn()
  const connect = messages(protocol, {
    WebSocket: class extends FakeSocket {
      constructor(url: string) {
        super(url)
        sockets.push(this)
      }
    },
    clock,
    onUnsaved,
    onError,
    ...options,
  })
  const closing = new AbortController()

  /** Begins a connection whose route let this user in. */
  function begin(user?: string) {
    const parts = createContext<Handlers>(undefined, onMessage)
    const session = { ...parts.context.session, ...(user !== undefined && { user }) }
    const context = { ...parts.context, session, closed: closing.signal, onUnsaved: shown }
    return { ...parts, connecting: Promise.resolve(connect(context)) }
  }

  /** Begins a connection whose socket is open. */
  async function open(user?: string) {
    const before = sockets.length
    const { connecting, controller, onLost, onProbe } = begin(user)
    await vi.waitFor(() => {
      if (sockets.length === before) throw new Error('There is no socket yet.')
    })
    const socket = sockets.at(-1) ?? new FakeSocket('')
    socket.open()
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    const frames = (): PageFrame[] => socket.sent.flatMap((text) => parsePageFrame(String(text)) ?? [])
    const say = (frame: RoomFrame) => socket.receive(encodeRoomFrame(frame))
    return {
      ...{ socket, frames, say, onLost, onProbe, connecting },
      /** The page that the last hello named. */
      page: () => frames().findLast((frame) => frame.type === 'hello')?.page ?? '',
      numbers: () => frames().flatMap((frame) => (frame.type === 'message' ? [frame.number] : [])),
      async welcome(received = 0, saved = received, since = 1) {
        const page = frames().findLast((frame) => frame.type === 'hello')?.page ?? ''
        say({ type: 'welcome', page, since, received, saved })
        const connection = await connecting
        return connection
      },
      close: () => controller.abort(),
    }
  }

  return { clock, begin, open, end: () => closing.abort(), onUnsaved, onError, shown }
}

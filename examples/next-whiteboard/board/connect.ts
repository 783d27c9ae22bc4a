import { webSocket } from '@session-backend/react'

/** What a page says first, and again to find out whether the backend still hears it: it is answered. */
export const HELLO = JSON.stringify(['hello', 1, crypto.randomUUID(), 0, 0])

/** Nothing is kept while the connection is lost: the board itself knows what has to be sent again. */
export const connect = webSocket({
  maxQueued: 0,
  ping: { message: HELLO, interval: 10_000, timeout: 4_000 },
})

import { webSocket } from '@session-backend/react'

/** Nothing is kept while the connection is lost: the board itself knows what has to be sent again. */
export const connect = webSocket({ maxQueued: 0 })

import {
  type Connect,
  type MessageListener,
  SessionBackendError,
  type WebSocketConnection,
  webSocket,
} from '@session-backend/react'

// Nothing is kept while the connection is lost: the board itself knows what has to be sent again.
const connectSocket = webSocket({ maxQueued: 0 })

/** Connects to a board's backend with a ticket, which says who is coming. Every connection takes a new one. */
export const connect: Connect<WebSocketConnection, MessageListener> = async (context) => {
  const { documentId, signal, url } = context
  const response = await fetch(`/api/tickets/${encodeURIComponent(documentId)}`, {
    signal,
    cache: 'no-store',
  })
  if (response.status === 401) throw new SessionBackendError('unauthenticated', 'Your sign-in has ended.')
  if (response.status === 403) throw new SessionBackendError('forbidden', 'You may not open this board.')
  if (!response.ok) throw new Error(`There is no ticket for this board: ${response.status}.`)
  const { ticket } = await response.json()
  return connectSocket({ ...context, url: `${url}?ticket=${ticket}` })
}

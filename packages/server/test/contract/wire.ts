import type { Session } from '@session-backend/core'
import { WebSocket } from 'undici'

/** Opens a WebSocket to a backend. */
export async function openSocket({ url }: Session): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = ({ message }) => reject(new Error(`The WebSocket failed: ${message}`))
  })
  return socket
}

/** Says something, and resolves to what comes back. */
export function echo(socket: WebSocket, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.onclose = () => reject(new Error('The WebSocket was closed.'))
    socket.onmessage = ({ data }) => {
      // Not at once: the engine, not this loop, is under test.
      setTimeout(() => resolve(data), 50)
    }
    socket.send(text)
  })
}

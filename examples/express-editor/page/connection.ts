import type { Connect } from '@session-backend/react'
import type { SharedDocument } from './shared-document.ts'

/** Connects a document to its backend; the session calls it again whenever a new connection is needed. */
export function connectTo(shared: SharedDocument): Connect<WebSocket> {
  return ({ url, signal, onLost }) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'))
      let detach = () => {}
      signal.addEventListener('abort', () => {
        detach()
        socket.close()
      })
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => {
        detach = shared.attach((message) => socket.send(message))
        resolve(socket)
      }
      socket.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) shared.receive(new Uint8Array(data))
      }
      socket.onclose = onLost
    })
}

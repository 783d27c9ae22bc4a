// Edits a Yjs document for `mock-platform check --edits`, over y-websocket's protocol with the report of what is saved (PROTOCOL.md, "Yjs").
import { readVarUint8Array } from 'lib0/decoding'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** The type of the message that says what is saved. */
const SAVED = 100

/** @type {import('@session-backend/mock-platform').OpenEdits} */
export default async function open({ url }) {
  const doc = new Y.Doc()
  const text = doc.getText('content')
  const provider = new WebsocketProvider(url.replace(/\/$/, ''), '', doc, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
  })
  /** Edits that are not saved yet, and the clock of each. @type {Set<{ clock: number, resolve(): void, reject(error: Error): void }>} */
  const waiting = new Set()
  provider.messageHandlers[SAVED] = (_encoder, decoder) => {
    const saved = Y.decodeSnapshot(readVarUint8Array(decoder)).sv.get(doc.clientID) ?? 0
    for (const edit of waiting) if (edit.clock <= saved && waiting.delete(edit)) edit.resolve()
  }
  provider.on('connection-close', () => {
    for (const { reject } of waiting) reject(new Error('The connection was lost.'))
    provider.shouldConnect = false
  })
  await new Promise((resolve) => provider.once('sync', resolve))

  /** Edits of the same moment are one update, as those of a page that was offline. @type {string[]} */
  let lines = []
  function apply() {
    text.insert(text.length, lines.join(''))
    lines = []
  }
  return {
    async edit(id, size = 0) {
      if (lines.push(`${String(id).padEnd(size)}\n`) === 1) queueMicrotask(apply)
      await Promise.resolve()
      const clock = Y.getState(doc.store, doc.clientID)
      await new Promise((resolve, reject) =>
        waiting.add({ clock, resolve: () => resolve(undefined), reject }),
      )
    },
    read: async () => text.toString().split('\n').map(Number),
    close() {
      provider.destroy()
      doc.destroy()
    },
  }
}

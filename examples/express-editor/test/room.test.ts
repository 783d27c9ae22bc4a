import { once } from 'node:events'
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { Room } from '../backend/room.ts'
import { MESSAGE } from '../shared/messages.ts'

/** A room on a port of its own, and how to come in. */
async function openRoom() {
  const server = new WebSocketServer({ port: 0 })
  await once(server, 'listening')
  const room = new Room(new Y.Doc())
  server.on('connection', (socket) => room.join(socket))
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    room.close(1012, 'the test is over')
    server.close()
  })
  const address = server.address()
  const url = `ws://localhost:${typeof address === 'object' ? address?.port : ''}`
  return async () => {
    const socket = new WebSocket(url)
    await once(socket, 'open')
    return socket
  }
}

/** Somebody, as their own page knows them. */
function createPerson() {
  const awareness = new Awareness(new Y.Doc())
  onTestFinished(() => awareness.destroy())
  const announce = (socket: WebSocket) => {
    // Setting it anew raises its clock, as a page does for each connection.
    awareness.setLocalState({ user: 'Ada' })
    const encoder = createEncoder()
    writeVarUint(encoder, MESSAGE.awareness)
    writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [awareness.clientID]))
    socket.send(toUint8Array(encoder))
  }
  return { id: awareness.clientID, announce }
}

/** Who is there, as somebody sees it who only watches, and how often that changed. */
function watchPeople(socket: WebSocket) {
  const awareness = new Awareness(new Y.Doc())
  awareness.setLocalState(null)
  onTestFinished(() => awareness.destroy())
  const removed: number[] = []
  awareness.on('update', (changes: { removed: number[] }) => removed.push(...changes.removed))
  let heard = 0
  socket.on('message', (data) => {
    if (!(data instanceof Buffer)) return
    const decoder = createDecoder(data)
    if (readVarUint(decoder) !== MESSAGE.awareness) return
    applyAwarenessUpdate(awareness, readVarUint8Array(decoder), null)
    heard += 1
  })
  return { removed, heard: () => heard, here: () => [...awareness.getStates().keys()] }
}

it('keeps somebody in who came back before their last socket was known to be dead, until they leave', async () => {
  const comeIn = await openRoom()
  const people = watchPeople(await comeIn())
  const ada = createPerson()
  const [dead, next] = [await comeIn(), await comeIn()]
  ada.announce(dead)
  await vi.waitFor(() => expect(people.here()).toEqual([ada.id]))
  const heard = people.heard()
  ada.announce(next)
  await vi.waitFor(() => expect(people.heard()).toBeGreaterThan(heard))

  dead.terminate()
  const other = createPerson()
  other.announce(await comeIn())
  await vi.waitFor(() => expect(people.here()).toContain(other.id))
  expect(people.removed).toEqual([])

  next.terminate()
  await vi.waitFor(() => expect(people.removed).toEqual([ada.id]))
})

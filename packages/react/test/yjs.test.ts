import { setImmediate } from 'node:timers/promises'
import { readVarString } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness } from 'y-protocols/awareness'
import { writeSyncStep2 } from 'y-protocols/sync'
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import type { ConnectContext } from '../src/connection/connect.ts'
import { type YjsOptions, yjs } from '../src/yjs.ts'
import { createContext } from './support/context.ts'
import { FakeSocket } from './support/world.ts'
import { startYjsServer } from './support/yjs-server.ts'

const WAIT = { timeout: 10_000, interval: 5 }

/** One person's copy of the document, and their way to connect it. */
function openCopy(url: string, options: YjsOptions = {}) {
  const doc = new Doc()
  const awareness = new Awareness(doc)
  const connect = yjs(doc, { awareness, WebSocket, ...options })
  onTestFinished(() => awareness.destroy())
  return {
    doc,
    awareness,
    text: doc.getText('content'),
    async connect(onUnsaved: ConnectContext['onUnsaved'] = () => {}) {
      const { context, controller, onLost: lost } = createContext(url)
      onTestFinished(() => controller.abort())
      const connection = await connect({ ...context, onUnsaved })
      return { connection, lost, close: () => controller.abort() }
    },
  }
}

it('is connected once the document has been received', async () => {
  const server = await startYjsServer()
  server.doc.getText('content').insert(0, 'what was there')
  const copy = openCopy(server.url)
  const { connection } = await copy.connect()
  expect(copy.text.toString()).toBe('what was there')
  expect(connection).toMatchObject({ doc: copy.doc, awareness: copy.awareness })
})

it('exchanges edits and presence, both ways', async () => {
  const server = await startYjsServer()
  const [ada, ben] = [openCopy(server.url), openCopy(server.url)]
  ada.awareness.setLocalStateField('name', 'Ada')
  await ada.connect()
  await ben.connect()
  ben.awareness.setLocalStateField('name', 'Ben')
  ada.text.insert(0, 'Hello')
  await vi.waitFor(() => expect(ben.text.toString()).toBe('Hello'), WAIT)
  const names = ({ awareness }: typeof ada) =>
    [...awareness.getStates().values()].map(({ name }) => name).sort()
  await vi.waitFor(
    () =>
      expect([names(ada), names(ben)]).toEqual([
        ['Ada', 'Ben'],
        ['Ada', 'Ben'],
      ]),
    WAIT,
  )
})

it('exchanges what was edited while there was no connection, over the next one', async () => {
  const server = await startYjsServer()
  const copy = openCopy(server.url)
  const { close } = await copy.connect()
  close()
  await vi.waitFor(() => expect(server.clients.size).toBe(0), WAIT)
  copy.text.insert(0, 'offline')
  server.doc.getText('content').insert(0, 'added ')
  await copy.connect()
  await vi.waitFor(() => {
    expect(copy.text.toString()).toBe(server.doc.getText('content').toString())
    expect(copy.text.toString()).toContain('offline')
  }, WAIT)
})

it('removes the presence of others when the connection is lost, and shows it again after the next', async () => {
  const server = await startYjsServer()
  const [ada, ben] = [openCopy(server.url), openCopy(server.url)]
  ada.awareness.setLocalStateField('name', 'Ada')
  const first = await ada.connect()
  await ben.connect()
  await vi.waitFor(() => expect(ben.awareness.getStates().size).toBe(2), WAIT)
  first.close()
  expect([...ada.awareness.getStates().keys()]).toEqual([ada.doc.clientID])
  await vi.waitFor(() => expect(ben.awareness.getStates().has(ada.doc.clientID)).toBe(false), WAIT)
  await ada.connect()
  await vi.waitFor(() => expect(ben.awareness.getStates().has(ada.doc.clientID)).toBe(true), WAIT)
})

it('sees at once who was here before and has done nothing since', async () => {
  const server = await startYjsServer()
  const [ada, ben] = [openCopy(server.url), openCopy(server.url)]
  const seesBen = () => expect(ada.awareness.getStates().has(ben.doc.clientID)).toBe(true)
  await ben.connect()
  const first = await ada.connect()
  await vi.waitFor(seesBen, WAIT)
  first.close()
  await ada.connect()
  await vi.waitFor(seesBen, WAIT)
})

it('keeps its own presence even if the document gets a new client id', async () => {
  const server = await startYjsServer()
  const copy = openCopy(server.url)
  copy.awareness.setLocalState({ name: 'Ada' })
  const { close } = await copy.connect()
  // As Yjs does it by itself, where somebody else has the same.
  copy.doc.clientID++
  close()
  expect(copy.awareness.getLocalState()).toEqual({ name: 'Ada' })
})

it('reports how many edits of this page are unsaved, once the backend reports what is saved', async () => {
  const server = await startYjsServer()
  const copy = openCopy(server.url)
  const told: unknown[] = []
  copy.text.insert(0, 'before')
  await copy.connect((unsaved) => told.push(unsaved.count))
  expect(told).toEqual([])
  server.tellSaved(new Doc())
  await vi.waitFor(() => expect(told).toEqual([1]), WAIT)
  copy.text.insert(0, 'more')
  server.doc.getText('content').insert(0, 'of others')
  await vi.waitFor(() => expect(server.doc.getText('content').toString()).toContain('more'), WAIT)
  await vi.waitFor(() => expect(told).toEqual([1, 2]), WAIT)
  const saved = new Doc()
  applyUpdate(saved, encodeStateAsUpdate(server.doc))
  copy.text.delete(0, 2)
  server.tellSaved(saved)
  await vi.waitFor(() => expect(told.at(-1)).toBe(1), WAIT)
  await vi.waitFor(() => expect(server.doc.getText('content').length).toBe(copy.text.length), WAIT)
  server.tellSaved(server.doc)
  await vi.waitFor(() => expect(told.at(-1)).toBe(0), WAIT)
})

it('counts more than a thousand edits that no backend reports as saved', async () => {
  const server = await startYjsServer()
  const copy = openCopy(server.url)
  for (let count = 0; count < 2_500; count++) copy.text.insert(0, 'x')
  const told: unknown[] = []
  await copy.connect((unsaved) => told.push(unsaved.count))
  server.tellSaved(new Doc())
  await vi.waitFor(() => expect(told).toEqual([2_500]), WAIT)
  await vi.waitFor(() => expect(server.doc.getText('content').length).toBe(2_500), WAIT)
  server.tellSaved(server.doc)
  await vi.waitFor(() => expect(told.at(-1)).toBe(0), WAIT)
})

it('leaves nothing on the document when it is closed', async () => {
  const server = await startYjsServer()
  const copy = openCopy(server.url)
  const observers = () => copy.doc._observers.get('update')?.size ?? 0
  const before = observers()
  const { close, connection } = await copy.connect()
  expect(observers()).toBe(before + 1)
  close()
  expect(observers()).toBe(before)
  expect(connection.send(100)).toBe(false)
})

it("carries the app's own messages too", async () => {
  const server = await startYjsServer()
  const received: string[] = []
  const copy = openCopy(server.url, {
    messages: { 100: (decoder) => received.push(readVarString(decoder)) },
  })
  const { connection } = await copy.connect()
  expect(connection.send(100)).toBe(true)
  await vi.waitFor(() => expect(received).toEqual(['yes']), WAIT)
})

it('reports a connection that is lost', async () => {
  const server = await startYjsServer()
  const { lost } = await openCopy(server.url).connect()
  for (const socket of server.clients.keys()) socket.close(4403)
  await vi.waitFor(() => expect(lost).toHaveBeenCalledWith(expect.objectContaining({ code: 4403 })), WAIT)
})

it('finds out within 10 s that its connection died: it asks for updates after 5 s of silence, and waits 4 s', async () => {
  const clock = new FakeClock()
  const sockets: FakeSocket[] = []
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url)
      sockets.push(this)
    }
  }
  const doc = new Doc()
  const { context, controller, onLost } = createContext('https://a.example.test/secret/')
  const connecting = yjs(doc, { WebSocket: Socket, clock })(context)
  const [socket] = sockets
  if (!socket) throw new Error('There is no socket.')
  const answer = createEncoder()
  writeVarUint(answer, 0)
  writeSyncStep2(answer, doc)
  const receive = () => socket.receive(new Uint8Array(toUint8Array(answer)).buffer)
  socket.open()
  await setImmediate()
  receive()
  await connecting
  socket.sent.length = 0
  clock.advance(5000)
  // A sync step, which every backend that speaks the protocol answers.
  expect(socket.sent).toEqual([new Uint8Array([0, 0, 1, 0])])
  receive()
  clock.advance(8999)
  expect(onLost).not.toHaveBeenCalled()
  clock.advance(1)
  expect(onLost).toHaveBeenCalledTimes(1)
  controller.abort()
  expect(clock.pending).toBe(0)
})

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { yjs as yjsOfPage } from '@session-backend/react/yjs'
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { bytes, type DocumentStorage, fencedFile } from '../src/storage.ts'
import { type YjsOptions, yjs } from '../src/yjs.ts'
import { testProcess } from './support/board.ts'
import { signedIn } from './support/page.ts'

const WAIT = { timeout: 10_000, interval: 5 }

interface Who {
  name: string
}

async function openDocument(options: Partial<YjsOptions<Who>> = {}, fencingToken = 1) {
  const { runBackend, close, ends } = testProcess(fencingToken)
  const room = await runBackend(
    yjs<Who>({
      authorize: ({ user = 'somebody' }) => ({ name: user }),
      autosave: { delay: 5, maxDelay: 20 },
      ...options,
    }),
  )
  return { room, close, ends, text: room.state.getText('content'), url: `ws://127.0.0.1:${room.port}` }
}

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-yjs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const fillIfEmpty = (doc: Y.Doc) => {
  const text = doc.getText('content')
  if (text.length === 0) text.insert(0, 'Hello')
}

/** y-websocket's own provider. */
function openProvider(url: string, headers = {}, doc = new Y.Doc()) {
  class Socket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers })
      this.on('error', () => {})
    }
  }
  const provider = new WebsocketProvider(url, 'room', doc, {
    WebSocketPolyfill: Socket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  })
  // Otherwise it writes a line on stderr for each.
  provider.messageHandlers[100] = () => {}
  onTestFinished(() => provider.destroy())
  return { doc, provider, text: doc.getText('content') }
}

it("exchanges edits and presence with y-websocket's own provider", async () => {
  const { url, text } = await openDocument({ open: (doc) => doc.getText('content').insert(0, 'Hello') })
  const [ada, ben] = [openProvider(url), openProvider(url)]
  await vi.waitFor(() => expect([ada.text.toString(), ben.text.toString()]).toEqual(['Hello', 'Hello']), WAIT)
  ada.provider.awareness.setLocalStateField('name', 'Ada')
  ada.text.insert(5, ', Ben')
  await vi.waitFor(() => expect(ben.text.toString()).toBe('Hello, Ben'), WAIT)
  expect(text.toString()).toBe('Hello, Ben')
  const names = () => [...ben.provider.awareness.getStates().values()].map((state) => state.name)
  await vi.waitFor(() => expect(names()).toContain('Ada'), WAIT)
  ada.provider.disconnect()
  await vi.waitFor(() => expect(names()).not.toContain('Ada'), WAIT)
})

it('tells a page of @session-backend/react/yjs what is saved', async () => {
  const folder = await temporaryFolder()
  const { room, url } = await openDocument({ storage: fencedFile(folder, { schema: bytes }) })
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  const closing = new AbortController()
  onTestFinished(() => {
    closing.abort()
    awareness.destroy()
  })
  const safe: Uint8Array[] = []
  const connect = yjsOfPage(doc, {
    awareness,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    messages: { 100: (decoder) => safe.push(readVarUint8Array(decoder)) },
  })
  await connect({
    url,
    documentId: 'doc',
    endpoint: '/api/sessions',
    closed: closing.signal,
    session: { name: 'a', url, readyUrl: url, statusUrl: url, status: 'Ready', spawned: true },
    signal: closing.signal,
    onUnsaved: () => {},
    onLost: () => {},
    onProbe: () => {},
    followStatus: () => {},
    listeners: () => [],
    previous: undefined,
  })
  doc.getText('content').insert(0, 'Hello')
  await vi.waitFor(() => {
    const last = safe.at(-1)
    expect(last && Y.snapshotContainsUpdate(Y.decodeSnapshot(last), Y.encodeStateAsUpdate(doc))).toBe(true)
  }, WAIT)
  expect(room.stats.saves).toBeGreaterThan(0)
})

it('continues from the saved history, so that earlier pages merge with it', async () => {
  const folder = await temporaryFolder()
  const storage = fencedFile(folder, { schema: bytes })
  const first = await openDocument({ storage }, 1)
  const page = openProvider(first.url)
  await vi.waitFor(() => expect(page.provider.synced).toBe(true), WAIT)
  page.text.insert(0, 'Hello')
  await vi.waitFor(() => expect(first.text.toString()).toBe('Hello'), WAIT)
  page.provider.disconnect()
  page.text.insert(5, ' again')
  await first.close(AbortSignal.timeout(5_000))

  const second = await openDocument({ storage }, 2)
  expect(second.text.toString()).toBe('Hello')
  openProvider(second.url, {}, page.doc)
  await vi.waitFor(() => expect(second.text.toString()).toBe('Hello again'), WAIT)
})

it('does not double what `open` adds when a backend is killed before it has saved anything else', async () => {
  const storage = fencedFile(await temporaryFolder(), { schema: bytes })
  const never = { delay: 60_000, maxDelay: 60_000 }
  const options = { storage, autosave: never, open: fillIfEmpty }
  const killed = await openDocument(options, 1)
  const page = openProvider(killed.url)
  await vi.waitFor(() => expect(page.text.toString()).toBe('Hello'), WAIT)
  page.provider.disconnect()

  const next = await openDocument(options, 2)
  const again = openProvider(next.url, {}, page.doc)
  await vi.waitFor(() => expect(again.provider.synced).toBe(true), WAIT)
  expect([next.text.toString(), page.text.toString()]).toEqual(['Hello', 'Hello'])
})

it('tells a page of an earlier backend what that one had saved, before anything is saved again', async () => {
  const folder = await temporaryFolder()
  const storage = fencedFile(folder, { schema: bytes })
  const first = await openDocument({ storage }, 1)
  first.text.insert(0, 'Hello')
  await first.close(AbortSignal.timeout(5_000))

  const second = await openDocument({ storage }, 2)
  const socket = new WebSocket(second.url)
  onTestFinished(() => socket.terminate())
  const frames: Uint8Array[] = []
  socket.on('message', (data) => data instanceof Buffer && frames.push(data))
  await vi.waitFor(() => {
    const decoder = createDecoder(frames.find(([type]) => type === 100) ?? expect.fail('It said nothing.'))
    readVarUint(decoder)
    const saved = Y.decodeSnapshot(readVarUint8Array(decoder))
    expect(Y.snapshotContainsUpdate(saved, Y.encodeStateAsUpdate(second.room.state))).toBe(true)
  }, WAIT)
  expect(second.room.stats.saves).toBe(0)
})

it('keeps a file in sync with the history, with a storage that writes both', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'readme.md')
  await writeFile(file, 'from the file')
  const history = fencedFile(join(folder, 'history'), { schema: bytes })
  const storage: DocumentStorage<Uint8Array> = {
    read: (token) => history.read(token),
    async write(saved) {
      const doc = new Y.Doc()
      Y.applyUpdate(doc, saved.value)
      await history.write(saved)
      await writeFile(file, doc.getText('content').toString())
    },
  }
  const { url, room } = await openDocument({
    storage,
    async open(doc) {
      if (doc.getText('content').length === 0) doc.getText('content').insert(0, await readFile(file, 'utf8'))
    },
  })
  const { text } = openProvider(url)
  await vi.waitFor(() => expect(text.toString()).toBe('from the file'), WAIT)
  text.insert(0, 'More ')
  await vi.waitFor(() => expect(room.state.getText('content').toString()).toBe('More from the file'), WAIT)
  await room.save()
  expect(await readFile(file, 'utf8')).toBe('More from the file')
})

it('ignores the edits of a reader, and shows them the edits of others', async () => {
  const { url, text } = await openDocument({ mayEdit: ({ data }) => data.name === 'ada' })
  const [ada, eve] = [openProvider(url, signedIn('ada')), openProvider(url, signedIn('eve'))]
  await vi.waitFor(() => expect([ada.provider.synced, eve.provider.synced]).toEqual([true, true]), WAIT)
  eve.text.insert(0, 'Not mine. ')
  ada.text.insert(0, 'Mine. ')
  await vi.waitFor(() => expect(eve.text.toString()).toContain('Mine. '), WAIT)
  expect(text.toString()).toBe('Mine. ')
})

it.each([
  ['text', 'hello', 1003],
  ['bytes that are not a message', Uint8Array.of(0, 2, 255, 255), 1007],
  ['an update that is cut off', Uint8Array.of(0, 2, 3, 1, 1), 1007],
  ['presence that is not JSON', Uint8Array.of(1, 5, 1, 1, 1, 1, 120), 1007],
])("ends a connection that sends %s, and nobody else's", async (_what, frame, code) => {
  const { url, text } = await openDocument()
  const ada = openProvider(url)
  await vi.waitFor(() => expect(ada.provider.synced).toBe(true), WAIT)
  const socket = new WebSocket(url)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.once('open', () => socket.send(frame))
  expect(await closed).toBe(code)
  ada.text.insert(0, 'Still here')
  await vi.waitFor(() => expect(text.toString()).toBe('Still here'), WAIT)
})

it('answers a client that asks who is present', async () => {
  const { url } = await openDocument()
  const ada = openProvider(url)
  ada.provider.awareness.setLocalStateField('name', 'Ada')
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const types: number[] = []
  socket.on('message', (data) => {
    if (data instanceof Buffer) types.push(readVarUint({ arr: data, pos: 0 } as never))
  })
  await vi.waitFor(() => expect(types).toContain(1), WAIT)
  const before = types.length
  socket.send(Uint8Array.of(3))
  await vi.waitFor(() => expect(types.slice(before)).toContain(1), WAIT)
})

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { defineProtocol, messages } from '@session-backend/react/messages'
import * as v from 'valibot'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { openBoard } from '../support/board.ts'
import { signedIn } from '../support/page.ts'

const WAIT = { timeout: 10_000, interval: 5 }
const Stroke = v.object({ id: v.string(), x: v.number() })
const protocol = defineProtocol({ toBackend: { draw: Stroke }, toPage: { drawn: Stroke } })

/** Counts the bytes that go to a port and come from it. */
async function startMeter(port: number) {
  const bytes = { toBackend: 0, toPage: 0 }
  const server = createServer((page) => {
    const backend = connect(port, '127.0.0.1')
    page.on('data', (data) => {
      bytes.toBackend += data.length
      backend.write(data)
    })
    backend.on('data', (data) => {
      bytes.toPage += data.length
      page.write(data)
    })
    for (const socket of [page, backend]) socket.on('error', () => {})
    page.on('close', () => backend.destroy())
    backend.on('close', () => page.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { bytes, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

/** A page with `messages(protocol)`, on a real socket. */
async function openPage(url: string, drawn: (stroke: { id: string }) => void) {
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  class Socket extends WebSocket {
    constructor(address: string) {
      super(address, { headers: signedIn('ada') })
    }
  }
  const connectPage = messages(protocol, { WebSocket: Socket })
  return connectPage({
    ...{ url, documentId: 'doc', endpoint: '', signal: closing.signal, closed: closing.signal },
    session: { name: 'b', url, readyUrl: url, statusUrl: url, status: 'Ready', spawned: false },
    ...{ onLost() {}, onProbe() {}, followStatus() {}, onUnsaved() {}, previous: undefined },
    listeners: () => [{ drawn }],
  })
}

it.each([15, 100, 1_000, 100_000])(
  'takes at most 32 bytes on the wire around %i characters of JSON, in either direction',
  async (length) => {
    const { room, port } = await openBoard({ connected: () => {} })
    const { bytes, url } = await startMeter(port)
    const heard = vi.fn()
    const page = await openPage(url, heard)
    const stroke = { id: 'x'.repeat(Math.max(0, length - '{"id":"","x":1}'.length)), x: 1 }
    const payload = JSON.stringify(stroke).length

    const sent = bytes.toBackend
    page.send('draw', stroke)
    await vi.waitFor(() => expect(room.state.strokes).toHaveLength(1), WAIT)
    const toBackend = bytes.toBackend - sent - payload
    await vi.waitFor(() => expect(room.stats.unsavedSince).toBeUndefined(), WAIT)
    // What was sent before has arrived once this has.
    room.broadcast('drawn', { id: 'first', x: 1 })
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), WAIT)

    const received = bytes.toPage
    room.broadcast('drawn', stroke)
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), WAIT)
    const toPage = bytes.toPage - received - payload
    if (process.env.MEASURE)
      console.log(`around ${payload} bytes: ${toBackend} to the backend, ${toPage} to the page`)
    expect(Math.max(toBackend, toPage)).toBeLessThanOrEqual(32)
  },
)

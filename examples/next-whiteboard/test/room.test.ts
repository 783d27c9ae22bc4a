import { once } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startBackend } from './backend.ts'

it('tells whoever comes what is safe on disk, after what is on the board', async () => {
  const backend = await startBackend([{ id: 'line', color: 0, points: [[1, 1]] }])
  backend.room.announceSaved({ line: 1 })
  const socket = backend.open(`/?ticket=${await backend.ticket()}`)
  const messages: unknown[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  await vi.waitFor(() => expect(messages).toHaveLength(2))
  expect(messages).toMatchObject([{ type: 'welcome' }, { type: 'saved', points: { line: 1 } }])
})

it('ends a socket whose other end answers no ping', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const backend = await startBackend()
  const path = `/?ticket=${await backend.ticket()}`
  // One after the other: the first of the server's sockets is then that of the one that is alive.
  const alive = backend.open(path)
  await once(alive, 'message')
  const dead = backend.open(path, { autoPong: false })
  await once(dead, 'message')

  vi.advanceTimersByTime(20_000)
  await once(alive, 'ping')
  await once(backend.server.clients.values().next().value ?? expect.fail(), 'pong')
  vi.advanceTimersByTime(20_000)
  await once(dead, 'close')
  expect(alive.readyState).toBe(alive.OPEN)
})

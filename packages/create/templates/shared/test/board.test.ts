import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { platformTest } from '@session-backend/mock-platform/vitest'
import { createSessionClient } from '@session-backend/react/client'
import { messages } from '@session-backend/react/messages'
import { afterAll, expect, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Line, protocol } from '../protocol.ts'
import { sessionBackends } from '../sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'boards-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// The real backend, in its own process.
const test = platformTest({
  services: {
    board: {
      command: [process.execPath, '--import', 'tsx', 'backend.ts'],
      env: { BOARD_FOLDER: folder },
    },
  },
})

/** Opens a board as a page does that belongs to this user. */
function open(name: string) {
  const lines: Line[] = []
  const endpoint = 'http://app.example/api/sessions'
  const client = createSessionClient({
    endpoint,
    fetch(input, init) {
      const request = new Request(input, init)
      if (!request.url.startsWith(endpoint)) return fetch(request)
      request.headers.set('cookie', `name=${encodeURIComponent(name)}`)
      return sessionBackends.handle(request)
    },
  })
  const session = client.open('test', {
    connect: messages(protocol, { WebSocket }),
    onMessage: { board: (all) => lines.splice(0, lines.length, ...all), drawn: (line) => lines.push(line) },
  })
  return { session, lines, connected: () => vi.waitFor(() => connectionOf(session), 20_000) }
}

function connectionOf(session: ReturnType<typeof open>['session']) {
  const { phase, connection } = session.getSnapshot()
  if (phase !== 'connected') throw new Error(`The board is ${phase}.`)
  return connection
}

test('everybody sees what one draws', { timeout: 60_000 }, async ({ platform }) => {
  Object.assign(process.env, platform.env('board'))
  const [ada, ben] = [open('Ada'), open('Ben')]
  const [connection] = await Promise.all([ada.connected(), ben.connected()])
  connection.send('draw', { from: { x: 1, y: 2 }, to: { x: 3, y: 4 } })
  await vi.waitFor(() => expect(ben.lines).toEqual([{ by: 'Ada', from: { x: 1, y: 2 }, to: { x: 3, y: 4 } }]))
  for (const { session } of [ada, ben]) session.close()
})

/**
 * The session backend: one process that owns one board. The platform starts it when the first user opens
 * the board, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import type { Stroke } from '../shared/messages.ts'
import { admit } from './admit.ts'
import { Board } from './board.ts'
import { BoardFile } from './board-file.ts'
import { Room } from './room.ts'

const MAX_MESSAGE = 256 * 1024

const { file, strokes } = await BoardFile.claim(
  variable('BOARD_FILE'),
  Number(variable('SESSION_BACKEND_FENCING_TOKEN')),
)
const board = new Board(strokes)
let saving: Promise<void> | undefined
let changed = false
const room = new Room(board, save)
announceSaved(strokes)

const server = createServer((_request, response) =>
  response.writeHead(426).end('This backend speaks WebSocket.\n'),
)
const sockets = new WebSocketServer({ server, maxPayload: MAX_MESSAGE })
sockets.on('connection', (socket, { url = '/' }) => {
  void admit(socket, url, {
    board: variable('BOARD'),
    secret: variable('TICKET_SECRET'),
    join: (...arrival) => room.join(...arrival),
  })
})

process.once('SIGTERM', () => stop(0))
server.listen(Number(variable('PORT')), () => console.log(`${strokes.length} strokes are on the board.`))

/** Saves what is on the board; changes during a save share the next one. */
function save(): void {
  changed = true
  saving ??= saveAll()
    .catch((error: unknown) => {
      console.error(error)
      void stop(1)
    })
    .finally(() => {
      saving = undefined
    })
}

async function saveAll(): Promise<void> {
  while (changed) {
    changed = false
    const snapshot = board.strokes
    await file.save(snapshot)
    announceSaved(snapshot)
  }
}

function announceSaved(strokes: Stroke[]): void {
  room.announceSaved(Object.fromEntries(strokes.map(({ id, points }) => [id, points.length])))
}

/** Saves what is left, says goodbye and ends the process. */
async function stop(code: number): Promise<void> {
  process.exitCode = code
  server.close()
  await saving
  room.close(1012, 'the backend is stopping')
  sockets.close()
}

function variable(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is missing.`)
  return value
}

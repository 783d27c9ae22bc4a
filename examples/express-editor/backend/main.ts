/**
 * The session backend: one process that owns one Markdown file. The platform starts it when the first
 * user opens the file, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { watch } from 'node:fs'
import { createServer } from 'node:http'
import { basename, dirname } from 'node:path'
import { WebSocketServer } from 'ws'
import { Document } from './document.ts'
import { claimFence } from './fence.ts'
import { Room } from './room.ts'
import { Saver } from './saver.ts'

const MAX_MESSAGE = 16 * 1024 * 1024

const fence = await claimFence(variable('STATE_FOLDER'), Number(variable('SESSION_BACKEND_FENCING_TOKEN')))
const document = await Document.open(variable('DOCUMENT_FILE'), variable('STATE_FOLDER'), fence)
const room = new Room(document.doc)
const saver = new Saver(
  document,
  (snapshot) => room.announceSaved(snapshot),
  (error) => stop(1, error),
)
saver.request()

const server = createServer((_request, response) =>
  response.writeHead(426).end('This backend speaks WebSocket.\n'),
)
const sockets = new WebSocketServer({ server, maxPayload: MAX_MESSAGE })
sockets.on('connection', (socket) => {
  room.join(socket)
  console.log(`A browser joined; ${room.size} connected.`)
  socket.on('close', () => console.log(`A browser left; ${room.size} connected.`))
})

// A save begins by merging what another program wrote into the file.
const watcher = watch(dirname(document.file), (_event, name) => {
  if (name === basename(document.file)) saver.request()
})

process.once('SIGTERM', () => stop(0, 'the platform asked for it'))
server.listen(Number(variable('PORT')), () => {
  console.log(`Editing ${basename(document.file)} with fencing token ${fence.token}.`)
})

/** Saves what is left, says goodbye and ends the process. */
async function stop(code: number, reason: unknown): Promise<void> {
  console.log('Stopping:', reason instanceof Error ? reason.message : reason)
  watcher.close()
  server.close()
  await saver.flush()
  room.close(1012, 'the backend is stopping')
  sockets.close()
  setTimeout(() => process.exit(code), 1000).unref()
  process.exitCode = code
}

function variable(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`The environment variable ${name} is missing.`)
  return value
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { House } from './house.ts'

/** A backend whose answers the test gives, one by one. */
export async function openManual() {
  const held: { req: IncomingMessage; res: ServerResponse }[] = []
  const house = await House.open((req, res) => {
    req.on('error', () => {})
    held.push({ req, res })
  })
  const server = new WebSocketServer({ noServer: true })
  house.back.server.on('upgrade', (req, socket, head) => {
    server.handleUpgrade(req, socket, head, (ws) => ws.on('error', () => {}))
  })
  const next = () => vi.waitUntil(() => held.shift())
  return { house, next, server }
}

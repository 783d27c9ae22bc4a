import type { WebSocket } from 'ws'
import { readTicket, type Ticket } from '../shared/ticket.ts'

/** The app's close code for somebody it does not know. PROTOCOL.md: "Reaching the backend". */
const UNAUTHENTICATED = 4401

/** What a ticket has to be for, and the secret that it is signed with. */
interface Door {
  board: string
  secret: string
  join: (socket: WebSocket, ticket: Ticket) => void
}

/** Lets in who has a ticket, which is in the address that the socket was opened at; closes any other socket. */
export async function admit(socket: WebSocket, url: string, { board, secret, join }: Door): Promise<void> {
  // From the beginning: an error that nobody listens for would end the process.
  socket.on('error', () => socket.terminate())
  try {
    const search = new URLSearchParams(url.split('?')[1])
    const ticket = await readTicket(search.get('ticket') ?? '', board, secret)
    // Who left meanwhile would never leave the room.
    if (socket.readyState === socket.OPEN) join(socket, ticket)
  } catch (error) {
    console.log('A ticket was refused:', error instanceof Error ? error.message : error)
    socket.close(UNAUTHENTICATED, 'The ticket is not valid.')
  }
}

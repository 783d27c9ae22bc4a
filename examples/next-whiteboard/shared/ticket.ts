import { jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'

/** Who comes to a board, and what they may do there. */
const Ticket = v.object({
  board: v.string(),
  name: v.string(),
  role: v.picklist(['editor', 'viewer']),
})
export type Ticket = v.InferOutput<typeof Ticket>

/**
 * A ticket tells a board's backend who is coming, signed by the app. It is good for one minute: a page gets a
 * new one for every connection, so that whoever loses access does not come back.
 */
export function signTicket(ticket: Ticket, secret: string): Promise<string> {
  return new SignJWT(ticket)
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('board')
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(secret))
}

/** Reads a ticket. Throws where it is none, has expired, or is for another board. */
export async function readTicket(token: string, board: string, secret: string): Promise<Ticket> {
  const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
    audience: 'board',
    algorithms: ['HS256'],
  })
  const ticket = v.parse(Ticket, payload)
  if (ticket.board !== board) throw new Error('The ticket is for another board.')
  return ticket
}

import { findBoard, mayOpen } from '../../../../lib/boards.ts'
import { secret } from '../../../../lib/secret.ts'
import { userOf } from '../../../../lib/users.ts'
import { signTicket } from '../../../../shared/ticket.ts'

/** A ticket for one connection to a board's backend. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ board: string }> },
): Promise<Response> {
  const board = findBoard((await params).board)
  const user = await userOf(request)
  if (!user) return new Response(null, { status: 401 })
  if (!board || !mayOpen(user, board)) return new Response(null, { status: 403 })
  const ticket = await signTicket({ board: board.id, ...user }, secret())
  return Response.json({ ticket }, { headers: { 'cache-control': 'private, no-store' } })
}

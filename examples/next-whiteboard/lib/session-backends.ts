import 'server-only'
import { createSessionBackends, SessionBackendError } from '@session-backend/server'
import { fileOf, findBoard, mayOpen } from './boards.ts'
import { secret } from './secret.ts'
import { userOf } from './users.ts'

/** The session backends of all boards. */
export const sessionBackends = createSessionBackends({
  async authorize({ request, documentId }) {
    const user = await userOf(request)
    if (!user) return 'unauthenticated'
    const board = findBoard(documentId)
    if (!board) return 'forbidden'
    if (!mayOpen(user, board)) throw new SessionBackendError('forbidden', 'This board is for editors only.')
    return { user: user.name, auth: { role: user.role } }
  },
  spawn: ({ documentId }) => ({
    gracePeriodSeconds: Number(process.env.BOARD_GRACE_PERIOD ?? 10),
    env: { BOARD: documentId, BOARD_FILE: fileOf(documentId), TICKET_SECRET: secret() },
  }),
})

import 'server-only'
import { createSessionBackends, jamsocket, SessionBackendError } from '@session-backend/server'
import { findBoard, folderOf, mayOpen } from './boards.ts'
import { idOf, userOf } from './users.ts'

/** The session backends of all boards. */
export const sessionBackends = createSessionBackends({
  // The second version tells backends who connects. A function, because a build has no environment.
  platform: () => jamsocket.fromEnv(process.env, { apiVersion: 2 }),
  async authorize({ request, documentId }) {
    const user = await userOf(request)
    if (!user) return 'unauthenticated'
    const board = findBoard(documentId)
    if (!board) return 'forbidden'
    if (!mayOpen(user, board)) throw new SessionBackendError('forbidden', 'This board is for editors only.')
    return { user: idOf(user), auth: { role: user.role } }
  },
  spawn: ({ documentId }) => ({
    gracePeriodSeconds: Number(process.env.BOARD_GRACE_PERIOD ?? 10),
    env: { BOARD_FOLDER: folderOf(documentId) },
  }),
})

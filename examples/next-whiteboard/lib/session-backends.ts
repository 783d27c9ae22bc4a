import 'server-only'
import { createSessionBackends, jamsocket, SessionBackendError } from '@session-backend/server'
import { fileOf, findBoard, mayOpen } from './boards.ts'
import { secret } from './secret.ts'
import { userOf } from './users.ts'

let created: ReturnType<typeof create> | undefined

/** The session backends of all boards. Created with the first request: a build has no environment. */
export function sessionBackends() {
  created ??= create()
  return created
}

function create() {
  return createSessionBackends({
    platform: jamsocket.fromEnv(process.env),
    async authorize({ request, documentId }) {
      const user = await userOf(request)
      if (!user) throw new SessionBackendError('unauthenticated', 'Sign in first.')
      const board = findBoard(documentId)
      if (!board) return null
      if (!mayOpen(user, board)) throw new SessionBackendError('forbidden', 'This board is for editors only.')
      return { user: user.name, auth: { role: user.role } }
    },
    spawn: ({ documentId }) => ({
      gracePeriodSeconds: Number(process.env.BOARD_GRACE_PERIOD ?? 10),
      env: { BOARD: documentId, BOARD_FILE: fileOf(documentId), TICKET_SECRET: secret() },
    }),
  })
}

import { messages } from '@session-backend/react/messages'
import { protocol } from '../shared/protocol.ts'

/** What is drawn is kept in this window until the backend has saved it. */
export const connect = messages(protocol)

/** The connection to a board's backend. */
export type BoardConnection = Awaited<ReturnType<typeof connect>>

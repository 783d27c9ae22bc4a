import { messages } from '@session-backend/react/messages'
import { protocol } from '../shared/protocol.ts'

/** What is drawn is kept in this browser until the backend has saved it, also when its page is left or closed. */
export const connect = messages(protocol, { persist: true })

/** The connection to a board's backend. */
export type BoardConnection = Awaited<ReturnType<typeof connect>>

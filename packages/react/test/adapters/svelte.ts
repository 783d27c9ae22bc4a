import { createSessionClient, type OpenOptions } from '@session-backend/react/client'
import { readable } from 'svelte/store'

const client = createSessionClient({ endpoint: '/api/sessions' })

/** The session of a document, as a store: `$session?.phase`. It is open while something subscribes to it. */
export function sessionBackend(documentId: string, options: OpenOptions = {}) {
  const open = () => client.open(documentId, { ...options, connect: undefined })
  return readable<ReturnType<ReturnType<typeof open>['getSnapshot']> | undefined>(undefined, (set) => {
    const session = open()
    set(session.getSnapshot())
    session.subscribe(() => set(session.getSnapshot()))
    return session.close
  })
}

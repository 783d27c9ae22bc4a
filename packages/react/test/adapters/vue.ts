import { createSessionClient, type OpenOptions } from '@session-backend/react/client'
import { type MaybeRefOrGetter, shallowRef, toValue, watchEffect } from 'vue'

const client = createSessionClient({ endpoint: '/api/sessions' })

/** The session of a document, as a ref: `session.value?.phase`. It closes with the component. */
export function useSessionBackend(documentId: MaybeRefOrGetter<string>, options: OpenOptions = {}) {
  const open = () => client.open(toValue(documentId), { ...options, connect: undefined })
  const result = shallowRef<ReturnType<ReturnType<typeof open>['getSnapshot']>>()
  watchEffect((onCleanup) => {
    const session = open()
    const update = () => (result.value = session.getSnapshot())
    update()
    session.subscribe(update)
    onCleanup(session.close)
  })
  return result
}

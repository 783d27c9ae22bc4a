/** The store of unsaved messages, by their user, document, page id and number. */
export const STORE = 'unsaved'

export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open('session-backend', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  return settled(opening)
}

/** All keys with this prefix: in IndexedDB, arrays sort after every other value. */
export const below = (...key: string[]) => IDBKeyRange.bound(key, [...key, []])

/**
 * Deletes what `persist` keeps in this browser, of one user (as `authorize` named them) or of all users. Call
 * it at sign-out. Messages that aren't saved by then are lost.
 */
export async function clearUnsaved(user?: string): Promise<void> {
  const database = await openDatabase()
  const store = database.transaction(STORE, 'readwrite').objectStore(STORE)
  await settled(user === undefined ? store.clear() : store.delete(below(user)))
  database.close()
}

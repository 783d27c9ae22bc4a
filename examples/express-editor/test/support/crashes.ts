import { type DocumentStorage, outdatedFencingToken, type Saved } from '@session-backend/backend/storage'

/** What becomes of one write: the process is killed before or after it, or it fails before or after it. */
export type Fate = 'done' | 'killed before' | 'killed after' | 'failed before' | 'failed after'

/** A storage in memory for one backend after the other. */
export function createDisk() {
  let stored: Saved<Uint8Array> | undefined
  let claimed = 0
  return {
    /**
     * What one backend sees of the storage.
     *
     * @param next Says what becomes of its next write.
     * @param onKilled Called when the backend is killed in a write. It never hears of that write.
     */
    open(next: () => Fate, onKilled: () => void): DocumentStorage<Uint8Array> {
      return {
        async read(token) {
          if (token < claimed) throw outdatedFencingToken(token, claimed)
          claimed = token
          // As in a database, where the claim replaces the token.
          return stored && { ...stored, token }
        },
        async write(saved) {
          const fate = next()
          const copy = { ...saved, value: Uint8Array.from(saved.value) }
          if (fate === 'killed before') return killed(onKilled)
          if (fate === 'failed before') throw new Error('The disk is full.')
          if (copy.token < claimed) throw outdatedFencingToken(copy.token, claimed)
          stored = copy
          if (fate === 'killed after') return killed(onKilled)
          if (fate === 'failed after') throw new Error('The answer was lost.')
        },
      }
    },
  }
}

function killed(onKilled: () => void): Promise<never> {
  onKilled()
  return new Promise(() => {})
}

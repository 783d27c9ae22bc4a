import { type DocumentStorage, outdatedFencingToken, type Saved } from '../../src/storage.ts'

/** A storage in memory, which takes a moment, can be made to fail, and is read as JSON. */
export function memoryStorage<Value>(initial?: Value) {
  let stored: string | undefined =
    initial === undefined ? undefined : JSON.stringify({ value: initial, token: 0, cursors: {} })
  let claimed = 0
  let failure: unknown
  let held: Promise<void> | undefined
  const storage: DocumentStorage<Value> = {
    async read(token) {
      if (token < claimed) throw outdatedFencingToken(token, claimed)
      claimed = token
      return stored === undefined ? undefined : JSON.parse(stored)
    },
    async write(saved) {
      const text = JSON.stringify(saved)
      await held
      if (failure !== undefined) throw failure
      if (saved.token < claimed) throw outdatedFencingToken(saved.token, claimed)
      stored = text
    },
  }
  return {
    storage,
    stored: (): Saved<Value> | undefined => (stored === undefined ? undefined : JSON.parse(stored)),
    fail(error: unknown) {
      failure = error
    },
    /** Lets no write end until the returned function is called. */
    hold() {
      const { promise, resolve } = withResolvers()
      held = promise
      return resolve
    },
  }
}

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

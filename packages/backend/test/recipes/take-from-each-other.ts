import { expect } from 'vitest'
import type { DocumentStorage } from '../../src/storage.ts'

const CHANGES_OF_OWNER = 200

/** Owners take one document from each other while they write. `open` gives each of them the storage. */
export async function takeFromEachOther(open: (token: number) => DocumentStorage<string[]>) {
  const acknowledged: string[] = []
  let refusals = 0
  let previous: Promise<void> = Promise.resolve()
  for (let token = 1; token <= CHANGES_OF_OWNER; token++) {
    const storage = open(token)
    // The one before is still writing.
    const saved = await storage.read(token)
    await previous
    previous = writeUntilReplaced(storage, token, saved?.value ?? [])
    await new Promise((resolve) => setTimeout(resolve, token % 4))
  }
  const last = await open(CHANGES_OF_OWNER + 1).read(CHANGES_OF_OWNER + 1)
  await previous
  return { acknowledged, refusals, changes: CHANGES_OF_OWNER, last: last?.value }

  async function writeUntilReplaced(storage: DocumentStorage<string[]>, token: number, from: string[]) {
    let value = from
    for (let count = 0; ; count++) {
      const item = `${token}.${count}`
      value = [...value, item]
      try {
        await storage.write({ value, token, cursors: {} })
        acknowledged.push(item)
      } catch (error) {
        expect(error).toMatchObject({ code: 'outdated_fencing_token' })
        refusals += 1
        return
      }
    }
  }
}

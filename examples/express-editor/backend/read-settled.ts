import { readFile } from 'node:fs/promises'

/** Between two looks at a file that is being written, in ms. */
const PAUSE = 25
const MAX_LOOKS = 40

/**
 * Reads a file that another program may be writing: many empty it first, and write it in pieces. What is read
 * counts when it is `known`, or the same after a pause; a program that never pauses is not waited for for
 * ever.
 */
export async function readSettled(path: string, known: (bytes: Buffer) => boolean): Promise<Buffer> {
  let bytes = await readFile(path)
  for (let looks = 1; looks < MAX_LOOKS && !known(bytes); looks++) {
    await new Promise((done) => setTimeout(done, PAUSE))
    const before = bytes
    bytes = await readFile(path)
    if (bytes.equals(before)) break
  }
  return bytes
}

import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { invalidOption } from '@session-backend/core/internal'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type DocumentStorage, outdatedFencingToken, type Saved } from './document-storage.ts'
import { decodeSaved, encodeSaved } from './saved-file.ts'

/** Options of {@link fencedFile}. */
export interface FencedFileOptions<Value> {
  /**
   * Checks the value that is read, and gives it its type: any Standard Schema. Without one, the type is
   * `unknown`.
   */
  schema: StandardSchemaV1<unknown, Value>
}

const ANYTHING: StandardSchemaV1<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'session-backend', validate: (value) => ({ value }) },
}

/**
 * Keeps a document in the folder `path`, which is created if needed. Each owner has its own file, named by
 * its fencing token. The value is anything that JSON can hold, or a `Uint8Array`.
 *
 * Each write replaces the owner's file and flushes it. Readers take the file with the highest token, so an
 * outdated owner can't overwrite a newer value. This needs a file system that lists a new file at once. Local
 * disks, block volumes and cluster file systems do. NFS with its default caches does not.
 *
 * @throws `invalid_option` if `path` is empty or `undefined`.
 */
export function fencedFile(path: string | undefined): DocumentStorage<unknown>
export function fencedFile<Value>(
  path: string | undefined,
  options: FencedFileOptions<Value>,
): DocumentStorage<Value>
export function fencedFile(
  path: string | undefined,
  { schema }: FencedFileOptions<unknown> = { schema: ANYTHING },
): DocumentStorage<unknown> {
  if (typeof path !== 'string' || path === '') {
    throw invalidOption('path', 'the path of a folder', path)
  }
  return {
    async read(token) {
      await claim(path, token)
      return readHighest(path, token, schema)
    },
    async write(saved) {
      const data = encodeSaved(saved)
      await replaceFile(path, fileOf(saved.token), data).catch(async (error: unknown) => {
        // The next owner may have tidied up in the middle of our write.
        await checkOwner(path, saved.token)
        throw error
      })
      // An owner that claims the document after this finds what was written. One that claimed it before is
      // found here.
      const tokens = await checkOwner(path, saved.token)
      await removeOlder(path, saved.token, tokens)
    },
  }
}

const fileOf = (token: number) => `${token}.saved`
const TOKEN_OF_FILE = /^(\d+)\.saved(?:\.tmp)?$/

/** Makes our token known before anything is read: an empty file is an owner that has not written yet. */
async function claim(folder: string, token: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  // Without truncating: a process that starts again with the same token finds what it wrote.
  const file = await open(join(folder, fileOf(token)), 'a')
  await file.close()
  await flushFolder(folder)
}

async function readHighest<Value>(
  folder: string,
  token: number,
  schema: StandardSchemaV1<unknown, Value>,
): Promise<Saved<Value> | undefined> {
  for (const each of await checkOwner(folder, token)) {
    const path = join(folder, fileOf(each))
    const data = await readFile(path).catch(async (error: unknown) => {
      // Removed by an owner that came after us.
      await checkOwner(folder, token)
      throw error
    })
    if (data.byteLength > 0) return decodeSaved(data, each, path, schema)
  }
  return undefined
}

/** Throws if a higher token has claimed the document. Returns the others, the highest first. */
async function checkOwner(folder: string, token: number): Promise<number[]> {
  const names = await readdir(folder)
  const tokens = new Set(names.flatMap((name) => (name.endsWith('.tmp') ? [] : tokensOf(name))))
  const highest = Math.max(token, ...tokens)
  if (highest > token) throw outdatedFencingToken(token, highest)
  return [...tokens].sort((a, b) => b - a)
}

function tokensOf(name: string): number[] {
  const token = TOKEN_OF_FILE.exec(name)?.[1]
  return token === undefined ? [] : [Number(token)]
}

/** A crash at any moment leaves the whole old file or the whole new one. */
async function replaceFile(folder: string, name: string, data: readonly Uint8Array[]): Promise<void> {
  const temporary = join(folder, `${name}.tmp`)
  const file = await open(temporary, 'w')
  try {
    for (const part of data) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(folder, name))
  await flushFolder(folder)
}

/** Removes what earlier owners wrote, once it has been replaced, and what they left unfinished. */
async function removeOlder(folder: string, token: number, tokens: readonly number[]): Promise<void> {
  const older = tokens.filter((each) => each < token).flatMap((each) => [fileOf(each), `${fileOf(each)}.tmp`])
  await Promise.all(older.map((name) => rm(join(folder, name), { force: true })))
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './replace-file.ts'

/** Thrown to a backend that has been replaced: it must not write any more. */
export class OutdatedFencingToken extends Error {
  constructor(own: number, current: number) {
    super(`Fencing token ${own} is outdated: a backend with token ${current} owns this document now.`)
    this.name = 'OutdatedFencingToken'
  }
}

/** Guards a document against a backend that lost its lock but does not know it yet. */
export interface Fence {
  /** The token of the backend that owns this fence. */
  readonly token: number
  /** Throws {@link OutdatedFencingToken} where a backend with a higher token has claimed the document. */
  check(): void
}

/**
 * Claims the document whose state is in `folder` for the holder of a fencing token. The platform gives a
 * higher token each time the lock is assigned, so whoever holds a lower one is late.
 */
export async function claimFence(folder: string, token: number): Promise<Fence> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'fence')
  const check = () => {
    const current = readToken(path)
    if (current > token) throw new OutdatedFencingToken(token, current)
  }
  check()
  await replaceFile(path, String(token), { tag: String(token), beforeReplace: check })
  return { token, check }
}

function readToken(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

import { renameSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Options of {@link replaceFile}. */
export interface ReplaceFileOptions {
  /** Part of the temporary file's name, so that two writers never share one. */
  tag: string
  /** Runs right before the new file takes the old one's place; when it throws, the old one stays. */
  beforeReplace: () => void
  /** The new file's permissions. Default 0o644. */
  mode?: number
}

/**
 * Replaces a file so that a crash at any moment leaves the whole old text or the whole new one: write a
 * temporary file beside it, flush it, rename it over the old one, flush the folder.
 */
export async function replaceFile(path: string, data: string, options: ReplaceFileOptions): Promise<void> {
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${options.tag}.tmp`)
  try {
    const file = await open(temporary, 'w', options.mode ?? 0o644)
    try {
      // Of what `open` is asked for, the process's umask is taken away.
      if (options.mode !== undefined) await file.chmod(options.mode)
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    // No await between the check and the rename: nothing of ours can come between them.
    options.beforeReplace()
    renameSync(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

/** Removes what a writer that crashed in the middle of {@link replaceFile} left beside `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path)
  const prefix = temporaryPrefix(path)
  const leftovers = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.tmp'))
  await Promise.all(leftovers.map((name) => rm(join(folder, name), { force: true })))
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.session-backend-`
}

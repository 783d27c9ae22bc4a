import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'

/** A Markdown file that can be opened: its path below the folder is its document id. */
export interface DocumentEntry {
  id: string
  /** Bytes. */
  size: number
  /** When it was last written, in ms since the epoch. */
  modifiedAt: number
}

/** The Markdown files of one folder; nothing outside it can be opened. */
export interface DocumentFolder {
  /** The files, by name. Hidden folders and installed packages are left out. */
  list(): Promise<DocumentEntry[]>
  /** The path of a document's file, or `undefined` where the folder has no such document. */
  find(id: string): Promise<string | undefined>
}

const MAX_DOCUMENTS = 500

export function createDocumentFolder(folder: string): DocumentFolder {
  const ids = () =>
    glob('**/*.{md,markdown}', {
      cwd: folder,
      ignore: ['**/node_modules/**', '**/dist/**'],
      dot: false,
      caseSensitiveMatch: false,
      followSymbolicLinks: false,
    })
  return {
    async list() {
      const names = (await ids()).sort((a, b) => a.localeCompare(b)).slice(0, MAX_DOCUMENTS)
      return Promise.all(
        names.map(async (id) => {
          const { size, mtimeMs } = await stat(join(folder, id))
          return { id, size, modifiedAt: mtimeMs }
        }),
      )
    },
    async find(id) {
      const known = (await ids()).includes(id)
      return known ? realpath(join(folder, id)) : undefined
    },
  }
}

import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DocumentStorage, Saved } from '@session-backend/backend'
import { simpleDiffString } from 'lib0/diff'
import * as Y from 'yjs'
import { TEXT } from '../shared/text.ts'
import { readSettled } from './read-settled.ts'

const HASH_BYTES = 32

/**
 * One Markdown file, open for editing. The document's history is kept in `storage`; the file is written after
 * it, and what other programs write into the file is merged with what browsers typed.
 */
export class MarkdownFile implements DocumentStorage<Uint8Array> {
  #doc = new Y.Doc()
  #token = 0
  #path = ''
  #mode = 0
  #lineBreak = '\n'
  /** The text of the file as this backend last read or wrote it. */
  #fileText = ''
  /** The history that `#fileText` belongs to. */
  #fileHistory: Uint8Array = Y.encodeStateAsUpdate(this.#doc)
  /** The hash of the text that the last save was about to replace. */
  #replaces: Uint8Array | undefined

  /** @param storage Keeps the history, behind the hash of the file's text that its own text replaces. */
  constructor(
    private readonly file: string,
    private readonly storage: DocumentStorage<Uint8Array>,
  ) {}

  async read(token: number): Promise<Saved<Uint8Array> | undefined> {
    this.#token = token
    const saved = await this.storage.read(token)
    if (saved === undefined) return undefined
    this.#replaces = saved.value.subarray(0, HASH_BYTES)
    this.#fileHistory = saved.value.subarray(HASH_BYTES)
    return { ...saved, value: this.#fileHistory }
  }

  /** Takes the file's text into the document. Throws if it is not UTF-8. */
  async open(doc: Y.Doc): Promise<void> {
    this.#doc = doc
    this.#path = await realpath(this.file)
    this.#mode = (await stat(this.#path)).mode & 0o777
    await this.#removeTemporary()
    const raw = decode(await readFile(this.#path))
    this.#lineBreak = ['\r\n', '\n', '\r'].find((each) => raw.includes(each)) ?? '\n'
    this.#fileText = toLineFeeds(raw)
    // The file is still the one before the last save: that save was cut off between its two writes.
    if (this.#replaces && hash(this.#fileText).equals(this.#replaces)) return
    this.#takeIn(this.#fileText, this.#historyWith(this.#fileText))
  }

  /** Calls `listener` when the file and the document are not the same, now or because of another program. */
  watch(listener: () => void): void {
    if (this.#text() !== this.#fileText) listener()
    watch(dirname(this.#path), async (_event, name) => {
      if (name !== basename(this.#path)) return
      const bytes = await readFile(this.#path).catch(() => undefined)
      if (bytes && !this.#isKnown(bytes)) listener()
    })
  }

  /**
   * Merges what another program has written into the file. Pages see it once the history has it: otherwise, the
   * backend that follows a crash would take it in a second time, and merge that with what the pages have.
   */
  async merge(): Promise<void> {
    const bytes = await readSettled(this.#path, (each) => this.#isKnown(each)).catch((error: unknown) => {
      // Deleted while it is open: the next edit writes it again.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    if (!bytes || this.#isKnown(bytes)) return
    const text = toLineFeeds(decode(bytes))
    const history = this.#historyWith(text)
    await this.storage.write({ value: Buffer.concat([hash(text), history]), token: this.#token, cursors: {} })
    this.#takeIn(text, history)
  }

  /** Writes the history, then the file: each of them whole, or not at all. */
  async write(saved: Saved<Uint8Array>): Promise<void> {
    const text = this.#text()
    const value = Buffer.concat([hash(this.#fileText), saved.value])
    const temporary = `${this.#temporaryPrefix()}${saved.token}.tmp`
    const isChanged = text !== this.#fileText
    try {
      if (isChanged) await this.#writeTemporary(temporary, text.replaceAll('\n', this.#lineBreak))
      await this.storage.write({ ...saved, value })
      // The next owner claims the history, then removes this temporary file, then reads ours. So either the
      // rename comes before all that, or it fails: it never replaces what the next owner wrote.
      if (isChanged) await rename(temporary, this.#path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    this.#fileText = text
    this.#fileHistory = saved.value
    await flush(dirname(this.#path))
  }

  async #writeTemporary(path: string, text: string): Promise<void> {
    const file = await open(path, 'w', this.#mode)
    try {
      // The umask of the process was taken off the mode that `open` was given.
      await file.chmod(this.#mode)
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Removes what earlier owners were about to write. */
  async #removeTemporary(): Promise<void> {
    const prefix = basename(this.#temporaryPrefix())
    const names = await readdir(dirname(this.#path))
    const left = names.filter((name) => name.startsWith(prefix) && name.endsWith('.tmp'))
    await Promise.all(left.map((name) => rm(join(dirname(this.#path), name), { force: true })))
  }

  #temporaryPrefix(): string {
    return join(dirname(this.#path), `.${basename(this.#path)}.session-backend-`)
  }

  #isKnown(bytes: Buffer): boolean {
    return toLineFeeds(bytes.toString()) === this.#fileText
  }

  /** The history that `#fileText` belongs to, with what another program has changed since then. */
  #historyWith(fileText: string): Uint8Array {
    const fork = new Y.Doc()
    Y.applyUpdate(fork, this.#fileHistory)
    const text = fork.getText(TEXT)
    const { index, remove, insert } = simpleDiffString(text.toString(), fileText)
    fork.transact(() => {
      text.delete(index, remove)
      text.insert(index, insert)
    })
    const history = Y.encodeStateAsUpdate(fork)
    fork.destroy()
    return history
  }

  /** Joins the file's history with the document's. */
  #takeIn(fileText: string, fileHistory: Uint8Array): void {
    this.#fileText = fileText
    this.#fileHistory = fileHistory
    Y.applyUpdate(this.#doc, fileHistory, this)
  }

  #text(): string {
    return this.#doc.getText(TEXT).toString()
  }
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** CodeMirror counts every line break as one character: one that is two would shift all edits behind it. */
function toLineFeeds(text: string): string {
  return text.replaceAll(/\r?\r?\n|\r/g, '\n')
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

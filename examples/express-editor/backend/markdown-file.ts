import { watch } from 'node:fs'
import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DocumentStorage, Saved } from '@session-backend/backend'
import { simpleDiffString } from 'lib0/diff'
import * as Y from 'yjs'
import { TEXT } from '../shared/text.ts'
import { decodeHistory, encodeHistory, type History, textOf } from './history.ts'
import { readSettled } from './read-settled.ts'

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
  /** What the storage had when this backend claimed it. */
  #stored: History | undefined

  /** @param storage Keeps the history: see {@link History}. */
  constructor(
    private readonly file: string,
    private readonly storage: DocumentStorage<Uint8Array>,
  ) {}

  async read(token: number): Promise<Saved<Uint8Array> | undefined> {
    this.#token = token
    const saved = await this.storage.read(token)
    if (saved === undefined) return undefined
    this.#stored = decodeHistory(saved.value)
    return { ...saved, value: this.#stored.whole }
  }

  /** Takes the file's text into the document. Throws if it is not UTF-8. */
  async open(doc: Y.Doc): Promise<void> {
    this.#doc = doc
    this.#path = await realpath(this.file)
    this.#mode = (await stat(this.#path)).mode & 0o777
    const cutOff = this.#stored && (await this.#takeAway(this.#stored.token))
    await this.#removeTemporary()
    const raw = decode(await readFile(this.#path))
    this.#lineBreak = ['\r\n', '\n', '\r'].find((each) => raw.includes(each)) ?? '\n'
    this.#fileText = toLineFeeds(raw)
    if (this.#stored) this.#fileHistory = historyOf(this.#fileText, this.#stored, cutOff)
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
    // Deleted while it is open: the next edit writes it again.
    const bytes = await readSettled(this.#path, (each) => this.#isKnown(each)).catch(ignoreMissing)
    if (!bytes || this.#isKnown(bytes)) return
    const text = toLineFeeds(decode(bytes))
    const history = this.#historyWith(text)
    const value = encodeHistory({ token: this.#token, before: history, whole: history })
    await this.storage.write({ value, token: this.#token, cursors: {} })
    this.#takeIn(text, history)
  }

  /** Writes the history, then the file: each of them whole, or not at all. */
  async write(saved: Saved<Uint8Array>): Promise<void> {
    const text = this.#text()
    const value = encodeHistory({ token: saved.token, before: this.#fileHistory, whole: saved.value })
    const temporary = this.#temporary(saved.token)
    const isChanged = text !== this.#fileText
    if (isChanged) await this.#writeTemporary(temporary, text.replaceAll('\n', this.#lineBreak))
    // If this fails, the temporary file stays until the next save: the history may have been stored.
    await this.storage.write({ ...saved, value })
    // The next owner claims the history, then takes this temporary file away, then reads ours. So either the
    // rename comes before all that, or it fails: it never replaces what the next owner wrote.
    if (isChanged) await rename(temporary, this.#path)
    this.#fileText = text
    this.#fileHistory = saved.value
    if (this.#stored) await rm(this.#cutOff(this.#stored.token), { force: true })
    await flush(dirname(this.#path))
  }

  async #writeTemporary(path: string, text: string): Promise<void> {
    const file = await open(path, 'w', this.#mode)
    try {
      // The umask of the process was taken off the mode that `open` was given.
      await file.chmod(this.#mode)
      await file.writeFile(text)
      await file.sync()
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    await flush(dirname(path))
  }

  /**
   * The text that the last save was about to write, if it was cut off before it replaced the file: its temporary
   * file is still there. A name that the earlier owner can't replace the file with keeps that known until
   * something is saved.
   */
  async #takeAway(token: number): Promise<string | undefined> {
    const cutOff = this.#cutOff(token)
    await rename(this.#temporary(token), cutOff).catch(ignoreMissing)
    const bytes = await readFile(cutOff).catch(ignoreMissing)
    return bytes && toLineFeeds(bytes.toString())
  }

  /** Removes what earlier owners were about to write. */
  async #removeTemporary(): Promise<void> {
    const folder = dirname(this.#path)
    const prefix = basename(this.#prefix())
    const isKept = (name: string) => this.#stored && name === basename(this.#cutOff(this.#stored.token))
    const left = (await readdir(folder)).filter((name) => name.startsWith(prefix) && !isKept(name))
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
  }

  #temporary(token: number): string {
    return `${this.#prefix()}${token}.tmp`
  }

  #cutOff(token: number): string {
    return `${this.#prefix()}${token}.cut-off`
  }

  #prefix(): string {
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

/** The history that the file's text belongs to, if the last save was `cutOff` before it wrote that text. */
function historyOf(fileText: string, { before, whole }: History, cutOff: string | undefined): Uint8Array {
  const text = textOf(whole)
  return cutOff === text && fileText !== text ? before : whole
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** CodeMirror counts every line break as one character: one that is two would shift all edits behind it. */
function toLineFeeds(text: string): string {
  return text.replaceAll(/\r?\r?\n|\r/g, '\n')
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

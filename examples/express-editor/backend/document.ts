import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { simpleDiffString } from 'lib0/diff'
import * as Y from 'yjs'
import { TEXT } from '../shared/messages.ts'
import type { Fence } from './fence.ts'
import { readSettled } from './read-settled.ts'
import { removeLeftovers, replaceFile } from './replace-file.ts'

/**
 * One Markdown file, open for editing: its text as a `Y.Doc`, which browsers share, and the way back to
 * the disk. The edit history is kept in `stateFolder`, so that a browser which was connected to an earlier
 * backend merges with this one, and brings along what that one could no longer save.
 */
export class Document {
  readonly doc = new Y.Doc()
  readonly #mode: number
  readonly #lineBreak: string
  /** The text of the file as this backend last read or wrote it. */
  #fileText: string
  /** The history that `#fileText` belongs to. */
  #fileUpdate: Uint8Array
  /** Whether the document holds anything that the last save did not write. */
  #changed = false

  private constructor(
    readonly file: string,
    private readonly stateFile: string,
    private readonly fence: Fence,
    mode: number,
    rawText: string,
  ) {
    this.#mode = mode
    this.#lineBreak = ['\r\n', '\n', '\r'].find((each) => rawText.includes(each)) ?? '\n'
    this.#fileText = toLineFeeds(rawText)
    this.#fileUpdate = Y.encodeStateAsUpdate(this.doc)
    this.doc.on('update', () => {
      this.#changed = true
    })
  }

  /** Opens a file for the owner of the fence. Throws when it is not UTF-8 text. */
  static async open(file: string, stateFolder: string, fence: Fence): Promise<Document> {
    const path = await realpath(file)
    const stateFile = join(stateFolder, 'history.json')
    await Promise.all([removeLeftovers(path), removeLeftovers(stateFile)])
    const { mode } = await stat(path)
    const document = new Document(path, stateFile, fence, mode & 0o777, await readText(path))
    await document.#restore()
    return document
  }

  get text(): string {
    return this.doc.getText(TEXT).toString()
  }

  /** Brings back the history of an earlier backend, and what happened to the file since. */
  async #restore(): Promise<void> {
    const state = await readState(this.stateFile)
    if (state !== undefined) {
      Y.applyUpdate(this.doc, state.update)
      this.#fileUpdate = state.update
      // The file is still the one before the last save: that save was cut off between its two writes.
      if (hash(this.#fileText) === state.replaces) return
    }
    this.#merge(this.#fileText)
  }

  /**
   * Merges what another program has written into the file, then writes the history and the file, where
   * anything has changed. Returns the snapshot (of `Y.encodeSnapshot`) that is safe now. One save at a time.
   *
   * @throws OutdatedFencingToken when another backend owns the document; nothing is written then.
   */
  async save(): Promise<Uint8Array> {
    this.fence.check()
    await this.#mergeFile()
    const update = Y.encodeStateAsUpdate(this.doc)
    const snapshot = Y.encodeSnapshot(Y.snapshot(this.doc))
    const text = this.text
    if (!this.#changed) return snapshot
    this.#changed = false
    const options = { tag: String(this.fence.token), beforeReplace: () => this.fence.check() }
    await replaceFile(this.stateFile, encodeState({ update, replaces: hash(this.#fileText) }), options)
    if (text !== this.#fileText) {
      const raw = this.#lineBreak === '\n' ? text : text.replaceAll('\n', this.#lineBreak)
      await replaceFile(this.file, raw, { ...options, mode: this.#mode })
    }
    this.#fileText = text
    this.#fileUpdate = update
    return snapshot
  }

  async #mergeFile(): Promise<void> {
    const isOurs = (bytes: Buffer) => toLineFeeds(bytes.toString()) === this.#fileText
    const bytes = await readSettled(this.file, isOurs).catch((error: unknown) => {
      // Deleted while it is open: the next edit writes it again.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    if (bytes !== undefined && !isOurs(bytes)) this.#merge(toLineFeeds(decode(bytes)))
  }

  /** Three-way merge: the file's change is made on the history it was based on, then joined with ours. */
  #merge(fileText: string): void {
    const fork = new Y.Doc()
    Y.applyUpdate(fork, this.#fileUpdate)
    const text = fork.getText(TEXT)
    const { index, remove, insert } = simpleDiffString(text.toString(), fileText)
    fork.transact(() => {
      text.delete(index, remove)
      text.insert(index, insert)
    })
    this.#fileUpdate = Y.encodeStateAsUpdate(fork)
    this.#fileText = fileText
    Y.applyUpdate(this.doc, this.#fileUpdate, this)
    fork.destroy()
  }
}

interface State {
  update: Uint8Array
  /** The hash of the file's text that this state's text was about to replace. */
  replaces: string
}

function encodeState({ update, replaces }: State): string {
  return JSON.stringify({ replaces, update: Buffer.from(update).toString('base64') })
}

async function readState(path: string): Promise<State | undefined> {
  const json = await readFile(path, 'utf8').catch(() => undefined)
  if (json === undefined) return undefined
  const state: unknown = JSON.parse(json)
  if (typeof state !== 'object' || state === null || !('update' in state) || !('replaces' in state)) {
    throw new Error(`The history in ${path} is damaged: move it away to start a new one.`)
  }
  return { update: Buffer.from(String(state.update), 'base64'), replaces: String(state.replaces) }
}

async function readText(path: string): Promise<string> {
  return decode(await readFile(path))
}

function decode(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/** CodeMirror counts every line break as one character: one that is two would shift all edits behind it. */
function toLineFeeds(text: string): string {
  return text.replaceAll(/\r?\r?\n|\r/g, '\n')
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

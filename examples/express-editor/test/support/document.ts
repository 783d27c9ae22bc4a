import { bytes, type DocumentStorage, fencedFile } from '@session-backend/backend/storage'
import * as Y from 'yjs'
import { MarkdownFile } from '../../backend/markdown-file.ts'
import { TEXT } from '../../shared/text.ts'

/** A backend's document, opened and saved in the order of `runBackend`. */
export async function openDocument(
  file: string,
  stateFolder: string,
  token: number,
  storage: DocumentStorage<Uint8Array> = fencedFile(stateFolder, { schema: bytes }),
) {
  const doc = new Y.Doc()
  const markdown = new MarkdownFile(file, storage)
  const saved = await markdown.read(token)
  if (saved) Y.applyUpdate(doc, saved.value)
  let isChanged = false
  doc.once('update', () => {
    isChanged = true
  })
  await markdown.open(doc)
  const save = async () => {
    await markdown.merge()
    await markdown.write({ value: Y.encodeStateAsUpdate(doc), token, cursors: {} })
  }
  if (isChanged) await save()
  return {
    doc,
    save,
    merge: () => markdown.merge(),
    get text() {
      return doc.getText(TEXT).toString()
    },
  }
}

import { chmod, mkdtemp, open as openFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytes, fencedFile } from '@session-backend/backend/storage'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import { MarkdownFile } from '../backend/markdown-file.ts'
import { TEXT } from '../shared/text.ts'
import { createDisk, type Fate } from './support/crashes.ts'
import { openDocument } from './support/document.ts'

let folder: string
let file: string
let stateFolder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'editor-'))
  file = join(folder, 'notes.md')
  stateFolder = join(folder, '.state')
  await writeFile(file, '# Notes\n')
})

afterEach(() => rm(folder, { recursive: true }))

const open = (token: number) => openDocument(file, stateFolder, token)
type Document = Awaited<ReturnType<typeof open>>
const type = (document: Document, index: number, text: string) =>
  document.doc.getText(TEXT).insert(index, text)
const onDisk = () => readFile(file, 'utf8')

describe('a document', () => {
  it('opens the text of the file', async () => {
    expect((await open(1)).text).toBe('# Notes\n')
  })

  it('is saved into the file, and leaves no other file next to it', async () => {
    const document = await open(1)
    type(document, 8, 'Buy milk.\n')
    await document.save()
    expect(await onDisk()).toBe('# Notes\nBuy milk.\n')
    expect(await readdir(folder)).toEqual(['.state', 'notes.md'])
  })

  it('keeps the line breaks and the permissions of the file', async () => {
    await writeFile(file, 'one\r\ntwo\r\n', { mode: 0o640 })
    const { mode } = await stat(file)
    const document = await open(1)
    expect(document.text).toBe('one\ntwo\n')
    type(document, 0, 'zero\n')
    await document.save()
    expect(await onDisk()).toBe('zero\r\none\r\ntwo\r\n')
    expect((await stat(file)).mode).toBe(mode)
  })

  it('keeps permissions that new files of this process would not get', async () => {
    await chmod(file, 0o666)
    const umask = process.umask(0o022)
    try {
      const document = await open(1)
      type(document, 0, 'for everybody\n')
      await document.save()
    } finally {
      process.umask(umask)
    }
    expect((await stat(file)).mode & 0o777).toBe(0o666)
  })

  it.each([
    ['old ones', 'one\rtwo\r', 'one\ntwo\n', 'one\rzero\rtwo\r'],
    ['broken ones', 'one\r\r\ntwo\r\r\n', 'one\ntwo\n', 'one\r\nzero\r\ntwo\r\n'],
  ])(
    'has line feeds only, as editors count them, also if the file has others: %s',
    async (_, raw, text, changed) => {
      await writeFile(file, raw)
      const document = await open(1)
      expect(document.text).toBe(text)
      await document.save()
      expect(await onDisk()).toBe(raw)
      type(document, 4, 'zero\n')
      await document.save()
      expect(await onDisk()).toBe(changed)
    },
  )

  it('refuses a file that is not UTF-8, and leaves it as it is', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00])
    await writeFile(file, bytes)
    await expect(open(1)).rejects.toThrow(TypeError)
    expect(await readFile(file)).toEqual(bytes)
  })
})

describe('another program that edits the file', () => {
  it('is merged with what browsers typed at the same time', async () => {
    const document = await open(1)
    await document.save()
    type(document, 8, 'from the browser\n')
    await writeFile(file, 'from vim\n# Notes\n')
    await document.save()
    expect(await onDisk()).toBe('from vim\n# Notes\nfrom the browser\n')
  })

  it('is not taken at its word while it is writing: an emptied file keeps the text, and so does half a letter', async () => {
    const document = await open(1)
    await document.save()
    const texts: string[] = []
    document.doc.on('update', () => texts.push(document.text))
    const writing = await openFile(file, 'w')
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const saved = vi.fn()
    const saving = document.save().then(saved)
    await writing.write(Buffer.from('# Grüße\n').subarray(0, 5))
    vi.advanceTimersByTime(25)
    await writing.write(Buffer.from('# Grüße\n').subarray(5))
    await writing.close()
    await vi.waitFor(() => expect(saved).toHaveBeenCalled())
    await saving
    expect(texts).toEqual(['# Grüße\n'])
    expect(await onDisk()).toBe('# Grüße\n')
  })

  it('may delete it: the next edit writes it again', async () => {
    const document = await open(1)
    await rm(file)
    type(document, 8, 'still here\n')
    await document.save()
    expect(await onDisk()).toBe('# Notes\nstill here\n')
  })

  it('is noticed when it came between two backends', async () => {
    const first = await open(1)
    type(first, 8, 'one\n')
    await first.save()
    await writeFile(file, '# Notes\none\ntwo\n')
    expect((await open(2)).text).toBe('# Notes\none\ntwo\n')
  })
})

describe('a backend that follows another', () => {
  it('merges with a browser of the earlier one without doubling the text', async () => {
    const first = await open(1)
    const browser = new Y.Doc()
    Y.applyUpdate(browser, Y.encodeStateAsUpdate(first.doc))
    type(first, 8, 'saved\n')
    await first.save()
    browser.getText(TEXT).insert(0, 'typed while nobody listened\n')

    const second = await open(2)
    Y.applyUpdate(second.doc, Y.encodeStateAsUpdate(browser))
    expect(second.text).toBe('typed while nobody listened\n# Notes\nsaved\n')
  })

  it('does not double what another program wrote, if the earlier one was killed once browsers had seen it', async () => {
    const first = await open(1)
    await writeFile(file, '# Notes\nfrom vim\n')
    await first.merge()
    const browser = new Y.Doc()
    Y.applyUpdate(browser, Y.encodeStateAsUpdate(first.doc))

    const second = await open(2)
    Y.applyUpdate(second.doc, Y.encodeStateAsUpdate(browser))
    expect(second.text).toBe('# Notes\nfrom vim\n')
  })

  describe('after one that was killed between writing the history and the file', () => {
    let disk: ReturnType<typeof createDisk>
    /** Resolves once the backend is killed in one of its writes. */
    const openUntilKilled = (token: number, fates: Fate[], use: (document: Document) => unknown) =>
      new Promise<void>((resolve, reject) => {
        const storage = disk.open(() => fates.shift() ?? 'done', resolve)
        openDocument(file, stateFolder, token, storage).then(use).catch(reject)
      })
    const openNext = (token: number) =>
      openDocument(
        file,
        stateFolder,
        token,
        disk.open(
          () => 'done',
          () => {},
        ),
      )

    beforeEach(async () => {
      disk = createDisk()
      await openUntilKilled(1, ['done', 'killed after'], (first) => {
        type(first, 8, 'from the browser\n')
        return first.save()
      })
      expect(await onDisk()).toBe('# Notes\n')
    })

    it('finishes that save', async () => {
      const second = await openNext(2)
      expect(second.text).toBe('# Notes\nfrom the browser\n')
      await second.save()
      expect(await onDisk()).toBe('# Notes\nfrom the browser\n')
      expect(await readdir(folder)).toEqual(['notes.md'])
    })

    it('also merges what another program has written since then', async () => {
      await writeFile(file, 'from vim\n# Notes\n')
      await openUntilKilled(2, ['killed before'], () => {})
      expect((await openNext(3)).text).toBe('from vim\n# Notes\nfrom the browser\n')
    })

    it('has the edits once if another program has written the same text since then', async () => {
      await writeFile(file, '# Notes\nfrom the browser\n')
      expect((await openNext(2)).text).toBe('# Notes\nfrom the browser\n')
    })
  })

  it('takes in an older text that another program has put back', async () => {
    const first = await open(1)
    await first.save()
    type(first, 8, 'not wanted\n')
    await first.save()
    await writeFile(file, '# Notes\n')
    expect((await open(2)).text).toBe('# Notes\n')
  })

  it('removes the temporary file of a backend that was killed while it wrote', async () => {
    await writeFile(join(folder, '.notes.md.session-backend-1.tmp'), 'half a te')
    await open(2)
    expect(await readdir(folder)).toEqual(['.state', 'notes.md'])
  })

  it('stops the earlier one from writing', async () => {
    const first = await open(1)
    const second = await open(2)
    type(second, 8, 'new owner\n')
    await second.save()
    type(first, 8, 'late\n')
    await expect(first.save()).rejects.toThrow('Fencing token 1 is outdated')
    expect(await onDisk()).toBe('# Notes\nnew owner\n')
  })

  it('cannot be overtaken by a write that was stuck before it replaced the file', async () => {
    const storage = fencedFile(stateFolder, { schema: bytes })
    let second: Document | undefined
    const markdown = new MarkdownFile(file, {
      read: (token) => storage.read(token),
      async write(saved) {
        await storage.write(saved)
        second = await open(2)
        type(second, 8, 'new owner\n')
        await second.save()
      },
    })
    const doc = new Y.Doc()
    await markdown.read(1)
    await markdown.open(doc)
    doc.getText(TEXT).insert(8, 'late\n')
    const saved = { value: Y.encodeStateAsUpdate(doc), token: 1, cursors: {} }
    await expect(markdown.write(saved)).rejects.toThrow('ENOENT')
    expect(await onDisk()).toBe('# Notes\nnew owner\nlate\n')
    expect(second?.text).toBe(await onDisk())
    expect(await readdir(folder)).toEqual(['.state', 'notes.md'])
  })

  it('cannot claim the document with a lower token', async () => {
    await open(7)
    await expect(open(6)).rejects.toThrow('Fencing token 6 is outdated')
  })
})

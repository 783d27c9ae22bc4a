import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { TEXT } from '../shared/text.ts'
import { openDocument } from './support/document.ts'

it('keeps the file and the document the same through any typing, merging and restarting', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'editor-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [file, stateFolder] = [join(folder, 'notes.md'), join(folder, '.state')]
  const edit = fc.record({
    who: fc.constantFrom('browser', 'program', 'restart'),
    at: fc.nat(40),
    remove: fc.nat(3),
    insert: fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => text.replaceAll('\r', '')),
  })
  let token = 0
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 8 }), async (edits) => {
      await rm(stateFolder, { recursive: true, force: true })
      await writeFile(file, 'Grüße 🦦\n')
      token += 1
      let document = await openDocument(file, stateFolder, token)
      for (const { who, at, remove, insert } of edits) {
        if (who === 'restart') {
          token += 1
          document = await openDocument(file, stateFolder, token)
        } else if (who === 'program') {
          const characters = [...(await readFile(file, 'utf8'))]
          characters.splice(at, remove, insert)
          await writeFile(file, characters.join(''))
        } else {
          const text = document.doc.getText(TEXT)
          const index = Math.min(at, text.length)
          text.insert(index, insert)
        }
        await document.save()
        expect(await readFile(file, 'utf8')).toBe(document.text)
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)

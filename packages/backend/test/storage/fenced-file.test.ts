import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { bytes, fencedFile } from '../../src/storage.ts'
import { bundle, startProcess, temporaryFolder } from '../support/program.ts'

const newFile = async () => join(await temporaryFolder(), 'documents', 'plan')

it('returns what was written, with its cursors', async () => {
  const file = await newFile()
  expect(await fencedFile(file).read(1)).toBeUndefined()
  await fencedFile(file).write({ value: { text: 'Grüße' }, token: 1, cursors: { nextSince: 3 } })
  expect(await fencedFile(file).read(2)).toEqual({
    value: { text: 'Grüße' },
    token: 1,
    cursors: { nextSince: 3 },
  })
})

it('keeps bytes as they are', async () => {
  const file = fencedFile(await newFile(), { schema: bytes })
  await file.read(0)
  const value = Uint8Array.from({ length: 256 }, (_, index) => index)
  await file.write({ value, token: 0, cursors: {} })
  expect((await file.read(0))?.value).toEqual(value)
})

it('writes the value as it was when the write began', async () => {
  const file = fencedFile(await newFile(), { schema: v.array(v.string()) })
  await file.read(1)
  const value = ['before']
  const written = file.write({ value, token: 1, cursors: {} })
  value.push('after')
  await written
  expect((await file.read(1))?.value).toEqual(['before'])
})

it('refuses an owner that was replaced, whether it reads or writes', async () => {
  const path = await newFile()
  const file = fencedFile(path)
  await file.read(9)
  await file.write({ value: 'old', token: 9, cursors: {} })
  // 10 comes before 9 as a text.
  expect((await file.read(10))?.value).toBe('old')
  const outdated = {
    code: 'outdated_fencing_token',
    message: 'Fencing token 9 is outdated: a backend with token 10 owns this document now.',
  }
  await expect(file.write({ value: 'late', token: 9, cursors: {} })).rejects.toMatchObject(outdated)
  await expect(file.read(9)).rejects.toMatchObject(outdated)
  await file.write({ value: 'new', token: 10, cursors: {} })
  expect(await readdir(path)).toEqual(['10.saved'])
})

it('continues with its own file when a process starts again with the same token', async () => {
  const file = fencedFile(await newFile())
  await file.read(1)
  await file.write({ value: 'kept', token: 1, cursors: {} })
  expect((await file.read(1))?.value).toBe('kept')
})

it('says which file is damaged and how, and leaves it as it is', async () => {
  const path = await newFile()
  await mkdir(path, { recursive: true })
  await writeFile(join(path, '1.saved'), '{"type":"json","cursors":{}}\n{"text":1}')
  const file = fencedFile(path, { schema: v.object({ text: v.string() }) })
  await expect(file.read(2)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/1\.saved can't be read: its value does not fit the schema: text: /),
  })
  await writeFile(join(path, '1.saved'), 'garbage')
  await expect(file.read(2)).rejects.toThrow('its first line is not what it was')
})

it.each([[''], [undefined]])('refuses the path %j', (path) => {
  expect(() => fencedFile(path)).toThrow(expect.objectContaining({ code: 'invalid_option' }))
})

describe.each(['write', 'claim'])('killed by SIGKILL at each step of a %s', (phase) => {
  it('leaves the old value or the new one whole, and what it said is saved', async () => {
    const program = await bundle(
      join(import.meta.dirname, '../fixtures/killed-write.ts'),
      await temporaryFolder(),
    )
    const schema = v.array(v.picklist(['old', 'new']))
    const steps: string[] = []
    let isDone = false
    for (let step = 1; !isDone; step++) {
      const FILE = await newFile()
      if (phase === 'claim') {
        await fencedFile(FILE).read(1)
        await fencedFile(FILE).write({
          value: Array.from({ length: 20_000 }, () => 'old'),
          token: 1,
          cursors: { text: 'old' },
        })
      }
      const { exited, lines } = startProcess([process.execPath, program], {
        FILE,
        STEP: String(step),
        PHASE: phase,
      })
      const { signal, code } = await exited
      isDone = signal !== 'SIGKILL'
      if (isDone) expect({ code, lines }).toMatchObject({ code: 0 })
      if (!isDone) steps.push(lines.find((line) => line.startsWith('killed before'))?.slice(14) ?? '')
      const saved = await fencedFile(FILE, { schema }).read(3)
      const text = saved?.value[0]
      expect(saved?.value).toHaveLength(20_000)
      expect(new Set(saved?.value)).toEqual(new Set([text]))
      expect(saved?.cursors).toEqual({ text })
      if (lines.includes('saved new')) expect(text).toBe('new')
    }
    expect(steps.length).toBeGreaterThanOrEqual(8)
    expect(steps).toEqual(expect.arrayContaining(['open', 'writeFile', 'sync', 'rename', 'readdir']))
  }, 120_000)
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDataDir } from '../../src/state/data-dir.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function open(folder: string) {
  const dataDir = await openDataDir(folder)
  onTestFinished(() => dataDir.close())
  return dataDir
}

describe('a data folder', () => {
  it('keeps who the platform is, and what it gave', async () => {
    const folder = join(tempFolder(), 'new')
    const first = await open(folder)
    expect(first.previous).toEqual({ fencingToken: 0, running: [] })
    await first.keep(() => ({ fencingToken: 7, running: ['8nyg2'] }))()
    await first.close()
    const second = await open(folder)
    expect(second.previous).toEqual({ fencingToken: 7, running: ['8nyg2'] })
    expect(second.identity).toBe(first.identity)
  })

  it.each(['', '{}', '{"fencingToken":-1,"running":[]}', '{"fencingToken":1,"run'])(
    'whose state is damaged (%s) is refused: to start over could repeat a token. Once fixed it serves again',
    async (text) => {
      const folder = tempFolder()
      const state = join(folder, 'state.json')
      writeFileSync(state, text)
      await expect(open(folder)).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining(`${state} is damaged`),
      })
      writeFileSync(state, '{"fencingToken":3,"running":[]}')
      expect((await open(folder)).previous.fencingToken).toBe(3)
    },
  )

  it('whose fencing tokens are used up is refused: from 2^53 on a token would repeat', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'state.json'), `{"fencingToken":${Number.MAX_SAFE_INTEGER},"running":[]}`)
    await expect(open(folder)).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringContaining('no higher one can be given'),
    })
  })

  it('whose state cannot be read is not taken for a new one', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'state.json'))
    await expect(open(folder)).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

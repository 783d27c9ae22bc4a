import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readState, StateFile } from '../../src/state/state-file.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('a state file', () => {
  it('has the newest state when a save is done, however many there were at once', async () => {
    const path = join(tempFolder(), 'state.json')
    let fencingToken = 0
    const file = new StateFile(path, () => ({ fencingToken, running: [] }))
    const saves = Array.from({ length: 5 }, () => {
      fencingToken++
      return file.save()
    })
    await Promise.all(saves)
    expect(await readState(path)).toEqual({ fencingToken: 5, running: [] })
  })

  it('that could not be written is written by the next save', async () => {
    const folder = join(tempFolder(), 'folder')
    writeFileSync(folder, 'a file is in the way')
    const path = join(folder, 'state.json')
    const file = new StateFile(path, () => ({ fencingToken: 1, running: [] }))
    await expect(file.save()).rejects.toMatchObject({ code: 'EEXIST' })
    rmSync(folder)
    await file.save()
    expect(await readState(path)).toEqual({ fencingToken: 1, running: [] })
  })
})

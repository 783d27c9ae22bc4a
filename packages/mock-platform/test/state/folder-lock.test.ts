import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../src/state/folder-lock.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function lock(folder: string) {
  const held = await lockFolder(join(folder, 'lock'), folder)
  onTestFinished(() => held.release().catch(() => {}))
  return held
}

describe('a locked folder', () => {
  it('is refused to a second platform at once, with the process and the address of the first', async () => {
    const folder = tempFolder()
    const first = await lock(folder)
    await expect(lock(folder)).rejects.toMatchObject({
      code: 'invalid_option',
      message: `Another platform is already running on the data folder ${folder} (process ${process.pid}). Use that one, stop it, or give this one another folder.`,
    })
    await first.tell({ pid: process.pid, url: 'http://127.0.0.1:8080' })
    await expect(lock(folder)).rejects.toThrow(`(process ${process.pid}, http://127.0.0.1:8080)`)
  })

  it('goes to exactly one of many that ask at the same moment', async () => {
    const folder = tempFolder()
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lock(folder)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is waited for while the platform that has it ends', async () => {
    const folder = tempFolder()
    const first = await lock(folder)
    await first.tell({ pid: process.pid, url: 'http://127.0.0.1:8080' })
    await first.tell({ pid: process.pid, ending: true })
    const second = lock(folder)
    await first.release()
    await second
  })

  it('stays locked while a process that inherited the lock runs, as the guardian of a killed platform does', async () => {
    const folder = tempFolder()
    const first = await lock(folder)
    const guardian = spawn('sleep', ['1000'], { stdio: ['ignore', 'ignore', 'ignore', first.descriptor] })
    await once(guardian, 'spawn')
    // The platform was killed: its process is nobody's by now.
    await first.tell({ pid: 2 ** 30 })
    await first.release()
    let got = false
    const second = lock(folder).then(() => {
      got = true
    })
    await expect(lockFolder(join(folder, 'lock'), folder, 100)).rejects.toThrow('is already running')
    expect(got).toBe(false)
    guardian.kill('SIGKILL')
    await second
  })

  it.each(['', 'half a li', '{"pid":"1"}'])('is got although its file holds %j from before', async (text) => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'lock'), text)
    await lock(folder)
  })
})

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Guardian } from '../../src/runtime/guardian.ts'
import { childrenThatRun, ended, runs } from '../support/processes.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A process group that would run for ever. */
function startGroup(): number {
  const script = 'setInterval(() => {}, 1000)'
  const { pid = 0 } = spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' })
  onTestFinished(() => {
    if (runs(pid)) process.kill(pid, 'SIGKILL')
  })
  return pid
}

/** Process groups whose parent never learns that they are dead, as in a container whose first process does not care. */
async function startGroupsOfNobody(count: number): Promise<number[]> {
  const script = `for i in $(seq ${count}); do setsid sleep 1000 & echo $!; done; exec sleep 1000`
  const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  let text = ''
  parent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await vi.waitUntil(() => text.split('\n').length > count)
  return text.trim().split('\n').map(Number)
}

describe('the guardian', () => {
  it('ends the groups that it knows, except those that it was told to forget', async () => {
    const guardian = new Guardian()
    const [left, forgotten] = [startGroup(), startGroup()]
    for (const group of [left, forgotten]) await guardian.watch({ group })
    guardian.forget(forgotten)
    guardian.forget(forgotten)
    await guardian.close()
    await ended(left)
    expect(runs(forgotten)).toBe(true)
  })

  it('comes back when somebody kills it, and knows what it knew', async () => {
    const guardian = new Guardian()
    const [group, folder] = [startGroup(), join(tempFolder(), 'scratch')]
    mkdirSync(folder)
    await guardian.watch({ group })
    await guardian.discard(folder)
    const [first = 0] = childrenThatRun('/bin/sh')
    process.kill(first, 'SIGKILL')
    await vi.waitUntil(() => childrenThatRun('/bin/sh').some((pid) => pid !== first))
    await guardian.close()
    await ended(group)
    expect(existsSync(folder)).toBe(false)
  })

  it('takes nothing more once it has been closed', async () => {
    const guardian = new Guardian()
    await guardian.close()
    await expect(guardian.watch({ group: startGroup() })).rejects.toThrow('The platform has ended.')
  })

  it.runIf(process.platform === 'linux')('is soon done also if nobody reaps the dead', async () => {
    const guardian = new Guardian()
    for (const group of await startGroupsOfNobody(6)) await guardian.watch({ group })
    await guardian.close()
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dashboardOf } from './dashboard.ts'

const PACKAGE = join(import.meta.dirname, '../packages/mock-platform')

describe('the program mock-platform, as it is shipped', () => {
  let program: ChildProcess
  let url = ''

  beforeAll(async () => {
    const flags = [
      '--log-level',
      'silent',
      '--port',
      '0',
      '--token',
      'sekret',
      '--service',
      `editor='${process.execPath}' -e 0`,
    ]
    program = spawn(process.execPath, [join(PACKAGE, 'bin/mock-platform.js'), ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const started = once(program.stdout ?? program, 'data')
    // A program that cannot start says why on stderr.
    const [line] = await Promise.race([started, once(program, 'exit')])
    url = /http:\S+/.exec(String(line))?.[0] ?? expect.fail(`It did not start: ${line}`)
  })

  afterAll(async () => {
    if (program.exitCode !== null) return
    const exited = once(program, 'exit')
    program.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })

  it('has the style of its pages with it', async () => {
    const answer = await fetch(`${url}/user/dev/service/editor/spawn`, {
      method: 'POST',
      headers: { authorization: 'Bearer sekret' },
    })
    const { ready_url } = await answer.json()
    for (const [page, style] of [
      [await dashboardOf(url), 'dashboard/page/page.css'],
      [ready_url, 'pages/ready-page.css'],
    ]) {
      const html = await (await fetch(page)).text()
      for (const file of ['pages/theme.css', style]) {
        expect(html).toContain(readFileSync(join(PACKAGE, 'src', file), 'utf8'))
      }
    }
  })
})

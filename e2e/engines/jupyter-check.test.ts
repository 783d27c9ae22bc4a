import { beforeAll, describe, expect, it } from 'vitest'
import { runCheck, tempFolder } from '../check/run-check.ts'
import { installJupyterLab, jupyterLabScript, jupyterLabVariables } from './jupyter.ts'

describe('mock-platform check, with all of its checks', () => {
  beforeAll(installJupyterLab, 300_000)

  it('finds that JupyterLab listens on localhost, and never cuts a page that has vanished', async () => {
    const cwd = await tempFolder()
    const found = await runCheck(
      ['--static-token', '--path', '/api/events/subscribe', '--', 'sh', '-c', await jupyterLabScript()],
      { cwd, env: jupyterLabVariables(cwd) },
    )
    const unknown = expect.stringMatching(/^not tried: It is not known how to edit/)
    expect(found).toEqual({
      address: expect.stringMatching(/^fail: It listens on 127\.0\.0\.1\./),
      'silent-page': expect.stringMatching(/^fail: After 75\.0 s the page was still connected/),
      ...{ saves: unknown, kill: unknown, fencing: unknown, holders: unknown, edits: unknown },
      'unread-edits': unknown,
      warm: expect.stringContaining('so it takes no part in warm pools'),
    })
  }, 1_200_000)
})

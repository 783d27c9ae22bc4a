import { beforeAll, describe, expect, it } from 'vitest'
import { runCheck, tempFolder } from '../check/run-check.ts'
import { installJupyterLab, jupyterLabScript, jupyterLabVariables } from './jupyter.ts'

describe('mock-platform check, with all of its checks', () => {
  beforeAll(installJupyterLab, 300_000)

  it('finds that JupyterLab listens on localhost, and what its WebSocket of events lacks', async () => {
    const cwd = await tempFolder()
    const found = await runCheck(
      ['--static-token', '--path', '/api/events/subscribe', '--', 'sh', '-c', await jupyterLabScript()],
      { cwd, env: jupyterLabVariables(cwd) },
    )
    expect(found).toMatchObject({ address: expect.stringContaining('listens on 127.0.0.1') })
  }, 1_200_000)
})

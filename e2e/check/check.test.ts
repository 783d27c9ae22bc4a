import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, runCheck, tempFolder } from './run-check.ts'

const TOO_SMALL = expect.stringMatching(/^not tried: .* reached other pages as /)
const NO_SIGTERM = "fail: It doesn't handle SIGTERM, which ended it at once."
const NO_POOL = expect.stringContaining('so it takes no part in warm pools')
/** What can't be tried in a server that saves nothing, for the same reason. */
const untried = (reason: RegExp) => {
  const why = expect.stringMatching(reason)
  return { kill: why, fencing: why, holders: why, edits: why }
}
const UNKNOWN = /^not tried: It is not known how to edit/

/** The table of docs/check.md. JupyterLab is in e2e/engines. */
describe('mock-platform check, with all of its checks', { timeout: 1_200_000 }, () => {
  it('finds nothing to do in the whiteboard', async () => {
    const folder = await tempFolder()
    const found = await runCheck([
      ...['--env', `BOARD_FOLDER=${folder}/{document}`, '--user', 'ada', '--auth', '{"role":"editor"}'],
      ...['--message', '["draw",{"id":"stroke-1","color":1,"points":[[10,10]]}]'],
      ...['--', 'node', 'examples/next-whiteboard/dist/backend.js'],
    ])
    expect(found).toEqual({ 'unread-edits': TOO_SMALL })
  })

  it('finds nothing to do in the editor', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'file.md'), '# Hello\n')
    const found = await runCheck([
      ...['--env', `DOCUMENT_FILE=${folder}/file.md`, '--env', `STATE_FOLDER=${folder}/state`],
      ...['--edits', 'e2e/check/yjs-edits.mjs'],
      ...['--', 'node', 'examples/express-editor/dist/backend.js'],
    ])
    expect(found).toEqual({})
  })

  it('finds nothing to do in the backend of both templates', async () => {
    // Below e2e, so that the packages are found.
    const folder = await tempFolder(join(ROOT, 'e2e/node_modules/.cache'))
    const template = join(ROOT, 'packages/create/templates/shared')
    for (const file of ['backend.ts', 'protocol.ts']) await copyFile(join(template, file), join(folder, file))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const found = await runCheck(
      [
        ...['--env', `BOARD_FOLDER=${folder}/boards`, '--user', 'ada'],
        ...['--message', '["draw",{"from":{"x":1,"y":1},"to":{"x":9,"y":9}}]'],
        ...['--', 'node', '--import', 'tsx', 'backend.ts'],
      ],
      { cwd: folder },
    )
    expect(found).toEqual({ 'unread-edits': TOO_SMALL })
  })

  it("finds that y-websocket's server listens on localhost, and handles no SIGTERM", async () => {
    const server = join(ROOT, 'e2e/node_modules/@y/websocket-server/src/server.js')
    const found = await runCheck(['--path', '/a-room', '--', 'node', server])
    expect(found).toEqual({
      address: expect.stringMatching(/^fail: It listens on 127\.0\.0\.1\./),
      stop: NO_SIGTERM,
      ...untried(UNKNOWN),
      saves: expect.stringMatching(UNKNOWN),
      'unread-edits': expect.stringMatching(UNKNOWN),
      warm: NO_POOL,
    })
  })

  it('finds what a socket.io server lacks that is as in its documentation', async () => {
    const found = await runCheck([
      ...['--path', '/socket.io/?EIO=4&transport=websocket', '--edits', 'e2e/check/socket-io-edits.mjs'],
      ...['--', 'node', 'e2e/check/socket-io-server.mjs'],
    ])
    expect(found).toEqual({
      stop: NO_SIGTERM,
      saves: 'fail: An edit was not confirmed as saved within 10 s.',
      ...untried(/^not tried: It builds on `saves`/),
      'slow-page': expect.stringMatching(/^fail: It read everything\. Its memory grew by \d+ MB/),
      'unread-edits': expect.stringMatching(/^fail: It kept all 4\d MB for a page that read nothing/),
      warm: NO_POOL,
    })
  })
})

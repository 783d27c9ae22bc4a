import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, runCheck, tempFolder } from './run-check.ts'

const TOO_SMALL = expect.stringMatching(/^not tried: .* reached other pages as /)
const SAVES_NOTHING = expect.stringMatching(/^not tried: It builds on `saves`/)
const UNCONFIRMED = 'fail: An edit was not confirmed as saved within 10 s.'

/** What the checks find in any server that saves nothing. */
const NO_STORAGE = {
  saves: UNCONFIRMED,
  kill: SAVES_NOTHING,
  fencing: SAVES_NOTHING,
  holders: SAVES_NOTHING,
  edits: SAVES_NOTHING,
}
const NO_SIGTERM = "fail: It doesn't handle SIGTERM, which ended it at once."

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
    const found = await runCheck([
      ...['--env', `DOCUMENT_FILE=${folder}/{document}.md`, '--env', `STATE_FOLDER=${folder}/{document}`],
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

  it("finds that y-websocket's server listens on localhost, handles no SIGTERM, and saves nothing", async () => {
    const server = join(ROOT, 'e2e/node_modules/@y/websocket-server/src/server.js')
    const found = await runCheck([
      ...['--path', '/a-room', '--edits', 'e2e/check/yjs-edits.mjs', '--', 'node', server],
    ])
    expect(found).toMatchObject({ stop: NO_SIGTERM, ...NO_STORAGE })
  })

  it('finds that a socket.io server as in its documentation handles no SIGTERM, and saves nothing', async () => {
    const found = await runCheck([
      ...['--path', '/socket.io/?EIO=4&transport=websocket', '--edits', 'e2e/check/socket-io-edits.mjs'],
      ...['--', 'node', 'e2e/check/socket-io-server.mjs'],
    ])
    expect(found).toMatchObject({ stop: NO_SIGTERM, ...NO_STORAGE })
  })
})

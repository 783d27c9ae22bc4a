import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTerminal, type Terminal } from '../../packages/mock-platform/test/support/terminal.ts'
import { installCreate } from './created-app.ts'
import { pack, temporaryFolder } from './packed.ts'

const run = promisify(execFile)

let folder: string
let bin: string

beforeAll(async () => {
  folder = await temporaryFolder()
  const tarballs = await pack(folder, ['create'])
  bin = await installCreate(join(folder, 'tool'), tarballs.get('create') ?? '')
  await mkdir(join(folder, 'taken', 'something'), { recursive: true })
  await writeFile(join(folder, 'file'), '')
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the program without a terminal, as scripts do. */
const create = (...args: string[]) => run(process.execPath, [bin, ...args], { cwd: folder })

describe('npm create session-backend without a terminal', () => {
  it('asks nothing if it gets a name and a template, and says what to do next', async () => {
    const { stdout } = await create('apps/my-board', '--template', 'next')
    expect(stdout).toBe(
      `The app is in ${join(folder, 'apps/my-board')}. Next:\n\n  cd apps/my-board\n  npm install\n  npm run dev\n`,
    )
    expect(JSON.parse(await readFile(join(folder, 'apps/my-board/package.json'), 'utf8'))).toMatchObject({
      name: 'my-board',
    })
    expect(await readdir(join(folder, 'apps/my-board'))).toContain('.gitignore')
  })

  it.each([
    [['app', '--template', 'vue'], /^`--template` must be vite or next, got `vue`\.$/m],
    [['My App', '--template', 'vite'], /must consist of lower-case letters.*, got `My App`\.$/m],
    [['taken', '--template', 'vite'], /taken is not empty\. Choose another name, or empty the folder\.$/m],
    [['file', '--template', 'vite'], /file is a file\. Choose another name\.$/m],
    [['a', 'board', '--template', 'vite'], /^Give one name, got a, board\.$/m],
    [[], /^The command needs a name, and there is no terminal to ask for it\.\n\nUsage: /],
    [['app'], /^The command needs a template, and there is no terminal to ask for it\.\n\nUsage: /],
  ])('refuses %j with what to do instead, and creates nothing', async (args, message) => {
    const before = await readdir(folder)
    await expect(create(...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
    })
    expect(await readdir(folder)).toEqual(before)
  })
})

describe.runIf(process.platform === 'linux')('npm create session-backend in a terminal', () => {
  const open = (args = '') => openTerminal(`'${process.execPath}' '${bin}' ${args}`, folder)
  const shows = (terminal: Terminal, text: string) =>
    expect.poll(() => stripVTControlCharacters(terminal.output)).toContain(text)

  it('asks for a name and a template', async () => {
    const terminal = open()
    await shows(terminal, 'Name of the app and of its folder')
    terminal.type('asked\r')
    await shows(terminal, 'Next.js (App Router)')
    terminal.type('\x1b[B\r')
    expect(await terminal.exited).toBe(0)
    await shows(terminal, 'npm run dev')
    expect(await readdir(join(folder, 'asked'))).toContain('app')
  })

  it('says at the question what is wrong with a name, and asks for another one', async () => {
    const terminal = open('--template vite')
    await shows(terminal, 'Name of the app and of its folder')
    terminal.type('taken\r')
    await shows(terminal, 'is not empty.')
    terminal.type('\x7f\x7f\x7f\x7f\x7ffree\r')
    expect(await terminal.exited).toBe(0)
    expect(await readdir(join(folder, 'free'))).toContain('server.ts')
  })

  it('refuses a folder that is not empty before it asks for a template', async () => {
    const terminal = open('taken')
    expect(await terminal.exited).toBe(1)
    expect(terminal.output).not.toContain('Template')
  })

  it.each([
    ['name', ''],
    ['template', 'not-created'],
  ])('creates nothing if Ctrl-C is the answer to the question for a %s', async (_, args) => {
    const before = await readdir(folder)
    const terminal = open(args)
    await shows(terminal, args ? 'Template' : 'Name of the app')
    terminal.type('\x03')
    expect(await terminal.exited).toBe(130)
    await shows(terminal, 'Nothing was created.')
    expect(await readdir(folder)).toEqual(before)
  })
})

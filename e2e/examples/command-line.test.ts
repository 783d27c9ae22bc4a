import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'

async function run(example: string, ...args: string[]) {
  const main = join(import.meta.dirname, '../../examples', example, 'dist/main.js')
  const program = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise((resolve) => program.once('exit', resolve))
  const [output, errors] = await Promise.all([text(program.stdout), text(program.stderr)])
  return { output, errors, code: await exited }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function takenPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' ? String(address?.port) : expect.fail('It has no port.')
}

describe('a mistake on the command line of an example', () => {
  it('is reported in one line: a folder that does not exist', async () => {
    const { errors, code } = await run('express-editor', '/no/such/folder')
    expect(errors).toBe('There is no folder /no/such/folder. Create it, or choose another one.\n')
    expect(code).toBe(1)
  })

  it.each(['express-editor', 'next-whiteboard'])(
    'is reported in one line: a flag that %s does not have',
    async (name) => {
      const { errors, code } = await run(name, '--prot', '3000')
      expect(errors).toMatch(/^Unknown option '--prot'.*\n$/)
      expect(code).toBe(1)
    },
  )

  it.each([
    ['express-editor', '--grace-period=-1'],
    ['express-editor', '--port=abc'],
    ['next-whiteboard', '--grace-period=1.5'],
    ['next-whiteboard', '--port=65536'],
  ])('is told in one line: to %s, %s', async (name, argument) => {
    const { errors, code } = await run(name, argument, '--state', newFolder())
    const [flag, value] = argument.split('=')
    expect(errors).toMatch(new RegExp(`^${flag} must be a whole number from 0 to \\d+, got ${value}\\.\n$`))
    expect(code).toBe(1)
  })

  it('is reported in one line: a second folder', async () => {
    const { errors, code } = await run('express-editor', 'a', 'b', '--state', newFolder())
    expect(errors).toBe('Give at most one folder, got 2: a, b.\n')
    expect(code).toBe(1)
  })

  it.each(['express-editor', 'next-whiteboard'])(
    'is reported in one line: a port that is taken, by %s',
    async (name) => {
      const { errors, code } = await run(name, '--port', await takenPort(), '--state', newFolder())
      expect(errors).toMatch(/^listen EADDRINUSE: address already in use .*\n$/)
      expect(code).toBe(1)
    },
  )
})

describe('--help', () => {
  it.each(['express-editor', 'next-whiteboard'])('names every flag of %s', async (name) => {
    const { output, errors, code } = await run(name, '--help')
    expect(output).toMatch(
      /^Usage: npm .*\n[\s\S]*--port [\s\S]*--grace-period [\s\S]*--state [\s\S]*--help /,
    )
    expect([errors, code]).toEqual(['', 0])
  })
})

describe('a Node on which the repository cannot be built', () => {
  it.each(['18.20.8', '20.18.3', '21.7.3', '22.5.1'])('is named, with what is needed: %s', async (node) => {
    const version = JSON.stringify({ value: `v${node}` })
    const versions = JSON.stringify({ value: { ...process.versions, node } })
    const pretend = `Object.defineProperties(process,{version:${version},versions:${versions}})`
    const script = join(import.meta.dirname, '../../scripts/run.mjs')
    // Where it is taken for a good one, the packages are installed, and that is all: there is no such command.
    const args = ['--import', `data:text/javascript,${pretend}`, script, 'no-such-command']
    const program = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const exited = new Promise((resolve) => program.once('exit', resolve))
    expect(await text(program.stderr)).toContain(`Node ^20.19.0 || >=22.12.0 is needed; this is v${node}.`)
    expect(await exited).toBe(1)
  })
})

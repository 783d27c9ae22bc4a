import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signedIn } from '../support/page.ts'
import { startProcess, temporaryFolder } from '../support/program.ts'

const docs = join(import.meta.dirname, '../../../../docs')
const source = (name: string) => join(docs, 'backends', name)

const languages = [
  {
    name: 'Python',
    file: 'backend.py',
    tool: 'python3',
    build: async (): Promise<[string, ...string[]]> => ['python3', source('backend.py')],
  },
  {
    name: 'Go',
    file: 'backend.go',
    tool: 'go',
    async build(): Promise<[string, ...string[]]> {
      const program = join(await temporaryFolder(), 'backend')
      const { status, stderr } = spawnSync('go', ['build', '-o', program, source('backend.go')], {
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      expect(status).toBe(0)
      return [program]
    },
  },
]

it.each(languages)(
  'the page shows the program in $name as it is tested, in fewer than 60 lines',
  ({ file }) => {
    const text = readFileSync(source(file), 'utf8')
    expect(text.split('\n').length - 1).toBeLessThan(60)
    expect(readFileSync(join(docs, 'backends.md'), 'utf8')).toContain(text)
  },
)

it('the program in Go is formatted as gofmt does', ({ skip }) => {
  const { error, stdout } = spawnSync('gofmt', ['-l', source('backend.go')], { encoding: 'utf8' })
  skip(error !== undefined, 'there is no gofmt')
  expect(stdout).toBe('')
})

it.each([
  ['PostgreSQL', 'postgres-storage.ts'],
  ['S3', 's3-storage.ts'],
])('the page shows the storage in %s as it is tested', (_name, file) => {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  expect(readFileSync(join(docs, 'backends.md'), 'utf8')).toContain(text)
})

describe.each(languages)('a backend in $name', ({ tool, build }) => {
  const missing =
    spawnSync(tool, [tool === 'go' ? 'version' : '--version']).status === 0
      ? undefined
      : `there is no ${tool}`

  it('keeps what users say, ends when it is told to, and never writes after it was replaced', async ({
    skip,
  }) => {
    skip(missing !== undefined, missing)
    const command = await build()
    const env = { PORT: '0', DOCUMENT_FOLDER: await temporaryFolder() }
    const open = async (token: number) => {
      const backend = startProcess(command, { ...env, SESSION_BACKEND_FENCING_TOKEN: String(token) })
      const url = `http://127.0.0.1:${await backend.printed(/listening on (\d+)/)}`
      const add = (text: string) =>
        fetch(url, { method: 'POST', body: new URLSearchParams({ text }), headers: signedIn('ada') })
      const notes = async () => (await fetch(url)).text()
      return { ...backend, add, notes }
    }
    const first = await open(1)
    await first.add('one')
    first.child.kill('SIGTERM')
    expect(await first.exited).toEqual({ code: 0, signal: null })

    const second = await open(2)
    expect(await second.notes()).toBe('ada: "one"')
    await second.add('two')
    const third = await open(10)
    await expect(second.add('never')).rejects.toThrow()
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.lines.join()).toContain('outdated')
    expect(await third.notes()).toBe('ada: "one" ada: "two"')
    third.child.kill('SIGKILL')
    await third.exited

    const outdated = startProcess(command, { ...env, SESSION_BACKEND_FENCING_TOKEN: '9' })
    expect(await outdated.exited).toEqual({ code: 1, signal: null })
    // The first build of Go's libraries takes minutes on a busy machine.
  }, 600_000)
})

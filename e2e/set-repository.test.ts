import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const script = join(root, 'scripts/set-repository.mjs')

/** A copy of what a release changes. */
async function copySources(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'set-repository-'))
  onTestFinished(() => rm(copy, { recursive: true }))
  await cp(join(root, '.github'), join(copy, '.github'), { recursive: true })
  for (const name of await readdir(join(root, 'packages'))) {
    for (const file of ['package.json', 'README.md']) {
      await cp(join(root, 'packages', name, file), join(copy, 'packages', name, file))
    }
  }
  return copy
}

it('a release names its repository in every package, and leaves no relative link in a README that npm shows', async () => {
  const copy = await copySources()
  await run(process.execPath, [script, 'acme/session-backend', copy])
  for (const name of await readdir(join(copy, 'packages'))) {
    const read = (file: string) => readFile(join(copy, 'packages', name, file), 'utf8')
    const { homepage, repository, bugs } = JSON.parse(await read('package.json'))
    expect(homepage).toBe(`https://github.com/acme/session-backend/tree/main/packages/${name}#readme`)
    expect(repository).toEqual({
      type: 'git',
      url: 'git+https://github.com/acme/session-backend.git',
      directory: `packages/${name}`,
    })
    expect(bugs).toEqual({ url: 'https://github.com/acme/session-backend/issues' })
    const links = [...(await read('README.md')).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
    expect(links.filter((target) => !/^(https:|#)/.test(target ?? ''))).toEqual([])
  }
})

it.each(['', 'acme', 'acme/a/b'])(
  'a repository called "%s" is refused before anything is written',
  async (name) => {
    await expect(run(process.execPath, [script, name])).rejects.toThrow(/must be given as owner\/name/)
  },
)

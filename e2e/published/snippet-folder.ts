import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { packageOf, type Snippet } from '../snippets.ts'

const root = join(import.meta.dirname, '../..')

/** A page may show the app, its pages and its backend. */
const PACKAGES = [
  'packages/server',
  'packages/react',
  'packages/backend',
  'packages/mock-platform',
  'packages/core',
]

/** A folder of a user's, with the snippets of a page and what they import. */
export interface SnippetFolder {
  path: string
  remove(): Promise<void>
}

export async function createSnippetFolder(
  page: string,
  snippets: readonly Snippet[],
): Promise<SnippetFolder> {
  const path = await mkdtemp(join(tmpdir(), 'snippets-'))
  await writeFile(join(path, 'package.json'), '{"type":"module"}')
  await writeFile(join(path, 'tsconfig.json'), '{"compilerOptions":{"jsx":"react-jsx"}}')
  for (const folder of [packageOf(page), ...PACKAGES]) {
    const home = join(root, folder)
    await link(home, join(path, 'node_modules/@session-backend', basename(home)))
    await linkAll(join(home, 'node_modules'), join(path, 'node_modules'))
  }
  await link(join(root, 'node_modules/vitest'), join(path, 'node_modules/vitest'))
  for (const { file, code } of snippets) {
    const target = join(path, file)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, code)
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Links the packages of one `node_modules` into another; those that are there already stay. */
async function linkAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (name.startsWith('.')) continue
    if (name.startsWith('@')) await linkAll(join(from, name), join(to, name))
    else await link(join(from, name), join(to, name))
  }
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await symlink(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

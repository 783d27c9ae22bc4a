import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSnippets } from '../snippets.ts'

const PAGE = 'packages/server/README.md'
const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const snippets = readSnippets(PAGE)
/** Next runs the others: `next/headers` can't be imported elsewhere. The templates have such pages. */
const programs = snippets.filter(({ file }) => file.endsWith('.ts'))

describe('the snippets of the server package', () => {
  let folder: string
  let platform: MockPlatform

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'snippets-'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await mkdir(join(folder, 'node_modules/@session-backend'), { recursive: true })
    await symlink(join(root, 'packages/server'), join(folder, 'node_modules/@session-backend/server'))
    for (const name of ['express', 'hono', 'pino']) {
      await symlink(join(root, 'packages/server/node_modules', name), join(folder, 'node_modules', name))
    }
    for (const { file, code } of programs) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      // The port may be another program's.
      await writeFile(join(folder, file), code.replaceAll('listen(3000)', 'listen(0)'))
    }
    platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
  })
  afterAll(async () => {
    await platform?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(programs)('$title runs as it stands', async ({ file }) => {
    const main = `await import(${JSON.stringify(pathToFileURL(join(folder, file)).href)}); process.exit()`
    const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', main]
    const env = { ...process.env, ...platform.env('editor') }
    expect((await run(process.execPath, args, { cwd: folder, env, timeout: 60_000 })).stderr).toBe('')
  })
})

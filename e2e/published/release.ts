import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ENV } from './created-app.ts'
import { dependenciesOf, pnpm } from './packed.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

/** Does in a copy of the repository what a release does before it publishes. CONTRIBUTING.md: "A release". */
export async function prepareRelease(copy: string): Promise<void> {
  await copyRepository(copy)
  await pnpm(copy, ['install', '--frozen-lockfile', '--prefer-offline'])
  await run(process.execPath, [join(copy, 'node_modules/@changesets/cli/bin.js'), 'version'], { cwd: copy })
  await run(process.execPath, [join(copy, 'scripts/set-repository.mjs'), 'acme/session-backend'])
  await pnpm(copy, ['--filter', './packages/*', 'run', 'build'])
}

/** Copies what is or would be committed. `changeset version` asks Git for the commit of each changeset. */
async function copyRepository(copy: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  })
  for (const file of new Set(stdout.split('\0').filter(Boolean))) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    // A file that was deleted, but not yet committed as such.
    await cp(join(root, file), join(copy, file)).catch(ignoreMissing)
  }
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=Release', '-c', 'user.email=release@example.test', ...args], { cwd: copy })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message=The repository')
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/** Installs the tarballs into an example of the copy, in the place of the workspace's packages, and builds it. */
export async function buildExample(
  copy: string,
  name: string,
  tarballs: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = join(copy, 'examples', name)
  const path = join(folder, 'package.json')
  const ours = dependenciesOf(tarballs)
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  for (const dependency of Object.keys(manifest.dependencies)) {
    manifest.dependencies[dependency] = ours[dependency] ?? manifest.dependencies[dependency]
  }
  await writeFile(path, JSON.stringify({ ...manifest, pnpm: { overrides: ours } }))
  await pnpm(folder, ['install', '--prefer-offline', '--ignore-workspace', '--no-frozen-lockfile'])
  // npm finds the tools of the copy's root, too.
  await run('npm', ['run', 'build'], { cwd: folder, env: ENV })
}

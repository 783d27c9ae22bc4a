import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

/** The packages that are published. */
export const PACKAGES = ['core', 'conformance', 'server', 'react', 'backend', 'mock-platform']

/**
 * Packs packages as they would be published; returns the tarballs by the packages' folders.
 *
 * @param repository Where the packages are: by default this repository.
 */
export async function pack(
  folder: string,
  names: readonly string[] = PACKAGES,
  repository: string = root,
): Promise<Map<string, string>> {
  const entries = names.map(async (name): Promise<[string, string]> => {
    const destination = await mkdtemp(join(folder, `${name}-`))
    await pnpm(join(repository, 'packages', name), ['pack', '--pack-destination', destination])
    const [file = ''] = await readdir(destination)
    return [name, join(destination, file)]
  })
  return new Map(await Promise.all(entries))
}

/** The tarballs as dependencies of an app, by the names of the packages. */
export function dependenciesOf(tarballs: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...tarballs].map(([name, file]) => [`@session-backend/${name}`, `file:${file}`]))
}

/** Installs what an app depends on, as far as possible without a network. */
export function installApp(app: string): Promise<unknown> {
  return pnpm(app, ['install', '--prefer-offline', '--ignore-workspace'])
}

/** Runs the pnpm that the repository asks for. */
export async function pnpm(cwd: string, args: string[]) {
  const { packageManager } = await readJson(join(root, 'package.json'))
  return run('npx', ['--yes', packageManager, ...args], { cwd })
}

/** A new folder, outside the repository. */
export const temporaryFolder = () => mkdtemp(join(tmpdir(), 'session-backend-packages-'))

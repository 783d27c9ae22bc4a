// @ts-check
// Fails where a package that we publish brings a dependency whose licence its users might have to think about.
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ALLOWED = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']
const PUBLISHED = ['core', 'server', 'react', 'mock-platform']

/** By the folder of each package: its name and its licence. */
const found = new Map()

/** @param {string} folder */
function visit(folder) {
  if (found.has(folder)) return
  const { name, license, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  found.set(folder, { name, license })
  for (const dependency of Object.keys(dependencies)) visit(locate(dependency, folder))
}

/**
 * Where Node finds a dependency.
 * @param {string} name
 * @param {string} folder
 * @returns {string}
 */
function locate(name, folder) {
  const candidate = join(folder, 'node_modules', name)
  if (existsSync(candidate)) return realpathSync(candidate)
  if (dirname(folder) === folder) throw new Error(`${name} is not installed.`)
  return locate(name, dirname(folder))
}

for (const name of PUBLISHED) visit(join(import.meta.dirname, '../packages', name))
const refused = [...found.values()].filter(({ license }) => !ALLOWED.includes(license))
for (const { name, license } of refused) console.error(`${name} has the licence ${license}.`)
if (refused.length > 0) process.exit(1)

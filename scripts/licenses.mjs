// @ts-check
// Fails when a package that we publish installs or bundles a dependency whose licence its users might have to think about.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ALLOWED = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']
const packages = join(import.meta.dirname, '../packages')
const PUBLISHED = ['core', 'conformance', 'server', 'react', 'backend', 'mock-platform']

/** By the folder of each package: its name and its licence. */
const found = new Map()

/** @param {string} folder */
function visit(folder) {
  if (found.has(folder)) return
  const { name, license, dependencies = {}, devDependencies = {} } = readPackage(folder)
  found.set(folder, { name, license })
  for (const dependency of [...Object.keys(dependencies), ...bundled(folder, devDependencies)]) {
    visit(locate(dependency, folder))
  }
}

/** @param {string} folder */
function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/**
 * The development dependencies that the sources of a package of ours import: tsup puts them into the bundle.
 * @param {string} folder
 * @param {Record<string, string>} devDependencies
 */
function bundled(folder, devDependencies) {
  if (!folder.startsWith(packages)) return []
  const { peerDependencies = {} } = readPackage(folder)
  const sources = join(folder, 'src')
  const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(sources, file), 'utf8'))
  return Object.keys(devDependencies).filter(
    (name) => !(name in peerDependencies) && code.some((text) => importsAtRunTime(text, name)),
  )
}

/**
 * @param {string} code
 * @param {string} name
 */
function importsAtRunTime(code, name) {
  return [...code.matchAll(/^(?:import|export) (?!type )[^'"]*?['"]([^'"]+)['"]/gm)].some(
    ([, source = '']) => source === name || source.startsWith(`${name}/`),
  )
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

for (const name of PUBLISHED) visit(join(packages, name))
const refused = [...found.values()].filter(({ license }) => !ALLOWED.includes(license))
for (const { name, license } of refused) console.error(`${name} has the licence ${license}.`)
if (refused.length > 0) process.exit(1)

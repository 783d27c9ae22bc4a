// @ts-check
// node scripts/sizes.mjs: measures what the React package adds to a page, next to others, and writes the table
// into its README. It reads the built packages.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const reactPackage = join(root, 'packages/react')
const README = join(reactPackage, 'README.md')
const [BEGIN, END] = ['<!-- sizes: begin -->', '<!-- sizes: end -->']

/**
 * What the entries of .size-limit.mjs weigh, minified and gzipped, without React.
 * @returns {{ name: string, size: number, sizeLimit?: number }[]} in bytes
 */
export function measureSizes() {
  const { stdout, stderr } = spawnSync(join(reactPackage, 'node_modules/.bin/size-limit'), ['--json'], {
    cwd: reactPackage,
    encoding: 'utf8',
  })
  const sizes = JSON.parse(stdout)
  if (!Array.isArray(sizes)) throw new Error(`The sizes could not be measured. ${stderr}`)
  return sizes
}

/** @param {ReturnType<typeof measureSizes>} sizes */
function table(sizes) {
  const rows = sizes.map(({ name, size }) => `| ${name} | ${(size / 1000).toFixed(1)} kB |`)
  return ['| what a page loads | minified, gzipped |', '| --- | --- |', ...rows].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const readme = readFileSync(README, 'utf8')
  const [before, rest = ''] = readme.split(BEGIN)
  const [, after] = rest.split(END)
  if (after === undefined) throw new Error(`${README} has no place for the table: ${BEGIN} ${END}`)
  const sizes = table(measureSizes())
  writeFileSync(README, `${before}${BEGIN}\n\n${sizes}\n\n${END}${after}`)
  spawnSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', README], { cwd: root })
  console.log(sizes)
}

// @ts-check
// npm run test:matrix: the packages' tests on every Node that they support, each brought by the npm package `node`,
// with 20,000 connections of broken HTTP to the platform.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const VERSIONS = ['20', '22', '24', '26']
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const [...args] = process.argv.slice(2)
const runs = args.length > 0 ? [args] : [['packages'], ['--config', 'vitest.stress.config.ts', 'packages']]
let failed = 0

for (const version of VERSIONS) {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-node-'))
  try {
    const install = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `node@${version}`]
    if (spawnSync('npm', install, { stdio: 'inherit' }).status !== 0)
      throw new Error(`Node ${version} could not be installed.`)
    const bin = join(folder, 'node_modules/node/bin')
    const env = { FUZZ_CONNECTIONS: '20000', ...process.env, PATH: `${bin}:${process.env.PATH}` }
    console.log(`Node ${spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
    const statuses = runs.map((what) => {
      return spawnSync(join(bin, 'node'), [vitest, 'run', ...what], { cwd: root, stdio: 'inherit', env })
        .status
    })
    if (statuses.some((status) => status !== 0)) failed++
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(`${VERSIONS.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

// @ts-check
// Every check of the workspace in one go, and one line at the end that sums them up.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** TypeScript 7 checks in a tenth of the time; tsup, TypeDoc and Next need the API of version 5. */
const TSC = ['node', 'node_modules/typescript-7/bin/tsc', '--noEmit']

/** Checks that either hold or don't; each counts as one test. */
const CHECKS = [
  { title: 'Biome: format and lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { title: 'TypeScript: types of sources and tests', command: TSC },
  { title: 'Knip: nothing that nobody uses', command: ['knip', '--no-config-hints'] },
  { title: 'TypeDoc: the comments of the API lead somewhere', command: ['typedoc', '--emit', 'none'] },
  { title: 'Words: plain English for everybody who reads it', command: ['node', 'scripts/words.mjs'] },
  { title: 'Licences of what the packages bring', command: ['node', 'scripts/licenses.mjs'] },
]

/**
 * Runs all checks, then all tests; resolves to the exit code. Arguments go to Vitest, to run a part.
 * @param {string} root
 * @param {string[]} vitestArgs
 */
export async function runTests(root, vitestArgs) {
  const checks = nothingRun()
  const left = CHECKS.values()
  const worker = async () => {
    for (const check of left) {
      if (await runCheck(root, check)) checks.passed += 1
      else checks.failed.push({ title: check.title, reason: 'its output above says why' })
    }
  }
  // As many as Vitest has workers.
  await Promise.all([worker(), worker()])
  const tests = await runVitest(root, vitestArgs)
  return sumUp(checks, tests) && tests.passed > 0 ? 0 : 1
}

/**
 * Runs one check, and shows what it printed only if it fails.
 * @param {string} root
 * @param {typeof CHECKS[number]} check
 */
async function runCheck(root, { title, command }) {
  const startedAt = performance.now()
  const { code, output } = await runQuietly(root, command)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${code === 0 ? '✓' : `${output}✗`} ${title} (${seconds} s)`)
  return code === 0
}

/**
 * Tests of `npm test` that have a long version: with more rounds, more backends and more connections than it
 * has time for.
 */
const LONG = ['packages/mock-platform/test/check', 'packages/mock-platform/test/fuzz']
/** And of those that need a browser. */
const LONG_IN_BROWSERS = ['--config', 'vitest.browsers.config.ts', 'e2e/hook', 'mock-platform/test/dashboard']

/**
 * Runs the long version of the tests that have one; resolves to the exit code.
 * @param {string} root
 * @param {string[]} vitestArgs
 */
export async function runLongTests(root, vitestArgs) {
  const env = { LONG_TESTS: '1' }
  const tests = await runVitest(root, [...LONG, ...vitestArgs], env)
  const stress = await runVitest(root, ['--config', 'vitest.stress.config.ts', ...vitestArgs], env)
  const inBrowsers = await runVitest(root, [...LONG_IN_BROWSERS, ...vitestArgs], env)
  const all = [tests, stress, inBrowsers]
  return sumUp(...all) && all.some(({ passed }) => passed > 0) ? 0 : 1
}

/**
 * Runs the tests that need real engines; resolves to the exit code.
 * @param {string} root
 * @param {string[]} vitestArgs
 * @param {string | undefined} missing Why they cannot run here, if so: then all are skipped, which is no
 * failure.
 */
export async function runEngineTests(root, vitestArgs, missing) {
  const args = ['--config', 'vitest.engines.config.ts', ...vitestArgs]
  const tests = await runVitest(root, args, missing ? { NO_ENGINES: missing } : {})
  if (missing) console.log(`\n!!! The engines were NOT tested: ${missing}.\n`)
  return sumUp(tests) && (missing || tests.passed > 0) ? 0 : 1
}

/**
 * Runs the tests that have their own configuration, since they take too long for `npm test`; resolves to the
 * exit code.
 * @param {string} root
 * @param {'stress' | 'hosts' | 'packages' | 'browsers'} name Which `vitest.NAME.config.ts`.
 * @param {string[]} vitestArgs
 */
export async function runOtherTests(root, name, vitestArgs) {
  const tests = await runVitest(root, ['--config', `vitest.${name}.config.ts`, ...vitestArgs])
  return sumUp(tests) && tests.passed > 0 ? 0 : 1
}

/** @typedef {import('./summary-reporter.mjs').Summary} Summary */

/** @returns {Summary} */
function nothingRun() {
  return { passed: 0, failed: [], skipped: [] }
}

/**
 * Prints what was skipped, what failed, and a line that counts everything; returns whether nothing failed.
 * @param {Summary[]} summaries
 */
function sumUp(...summaries) {
  const passed = summaries.reduce((sum, summary) => sum + summary.passed, 0)
  const failed = summaries.flatMap((summary) => summary.failed)
  const skipped = summaries.flatMap((summary) => summary.skipped)
  for (const { title, reason } of skipped) console.log(`skipped: ${title} (${reason})`)
  for (const { title, reason } of failed) console.log(`failed: ${title} (${reason})`)
  console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
  return failed.length === 0
}

/**
 * @param {string} root
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<Summary>}
 */
async function runVitest(root, args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-tests-'))
  const file = join(folder, 'summary.json')
  try {
    const code = await run(root, ['vitest', 'run', ...args], { ...env, SUMMARY_FILE: file })
    /** @type {Summary} */
    const summary = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : nothingRun()
    // Everything that made the run fail counts, also what the reporter never saw.
    if (code !== 0 && summary.failed.length === 0) {
      summary.failed.push({ title: `vitest ${args.join(' ')}`, reason: `it exited with ${code}` })
    }
    return summary
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs a tool of the workspace, and resolves to its exit code.
 * @param {string} root
 * @param {string[]} command
 * @param {Record<string, string>} env
 * @returns {Promise<number>}
 */
function run(root, command, env = {}) {
  return exitCodeOf(startTool(root, command, 'inherit', env))
}

/**
 * Runs a tool of the workspace, or a script, and resolves to its exit code and all that it printed.
 * @param {string} root
 * @param {string[]} command
 */
async function runQuietly(root, command) {
  const child = startTool(root, command, 'pipe')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  return { code: await exitCodeOf(child), output }
}

/**
 * @param {string} root
 * @param {string[]} command
 * @param {'inherit' | 'pipe'} output
 * @param {Record<string, string>} env
 */
function startTool(root, [tool = '', ...args], output, env = {}) {
  const file = tool === 'node' ? process.execPath : join(root, 'node_modules/.bin', tool)
  return spawn(file, args, { cwd: root, stdio: ['inherit', output, output], env: { ...process.env, ...env } })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

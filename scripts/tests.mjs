// @ts-check
// Every check of the workspace in one go, and one line at the end that sums them up.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Checks that either hold or don't; each counts as one test. */
const CHECKS = [
  { title: 'Biome: format and lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { title: 'TypeScript: types of sources and tests', command: ['tsc', '--noEmit'] },
]

/**
 * Runs all checks, then all tests; resolves to the exit code. Arguments go to Vitest, to run a part.
 * @param {string} root
 * @param {string[]} vitestArgs
 */
export async function runTests(root, vitestArgs) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { title, command } of CHECKS) {
    const startedAt = performance.now()
    const code = await run(root, command)
    total[code === 0 ? 'passed' : 'failed'] += 1
    console.log(
      `${code === 0 ? '✓' : '✗'} ${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
    )
  }
  const tests = await runVitest(root, vitestArgs)
  total.passed += tests.passed
  total.failed += tests.failed
  total.skipped += tests.skipped.length
  for (const { title, reason } of tests.skippedTests)
    console.log(`skipped: ${title}${reason ? ` (${reason})` : ''}`)
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  return total.failed === 0 && tests.passed > 0 ? 0 : 1
}

/**
 * @param {string} root
 * @param {string[]} args
 */
async function runVitest(root, args) {
  const folder = mkdtempSync(join(tmpdir(), 'session-backend-tests-'))
  const file = join(folder, 'results.json')
  try {
    const code = await run(root, [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
    ])
    /** @type {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} */
    const results = JSON.parse(readFileSync(file, 'utf8'))
    const tests = results.testResults.flatMap((suite) => suite.assertionResults)
    const failed = tests.filter(({ status }) => status === 'failed').length
    return {
      passed: tests.filter(({ status }) => status === 'passed').length,
      // A file that does not load, or an unhandled rejection, fails no test but fails the run.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: tests
        .filter(({ status }) => status !== 'passed' && status !== 'failed')
        .map(({ fullName }) => fullName),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs a tool of the workspace and resolves to its exit code.
 * @param {string} root
 * @param {string[]} command
 * @returns {Promise<number>}
 */
function run(root, [tool = '', ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

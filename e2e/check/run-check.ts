import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'packages/mock-platform/bin/mock-platform.js')

/** A busy machine takes its time to start a program. */
const PATIENT = ['--start-timeout', '120']

interface Result {
  name: string
  result: 'pass' | 'fail' | 'not tried'
  happened: string
}

/** Runs `mock-platform check --json`. Resolves to what happened in each check that did not pass. */
export function runCheck(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [PROGRAM, 'check', '--json', ...PATIENT, ...args],
      { cwd, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        // It exits with 1 if a check fails: the report says which.
        if (stdout === '') return reject(error ?? new Error(stderr))
        const checks: Result[] = JSON.parse(stdout).checks
        const others = checks.filter(({ result }) => result !== 'pass')
        resolve(
          Object.fromEntries(others.map(({ name, result, happened }) => [name, `${result}: ${happened}`])),
        )
      },
    )
  })
}

/** An empty folder that goes with the test. */
export async function tempFolder(parent = tmpdir()): Promise<string> {
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'session-backend-check-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

import { constants } from 'node:os'
import type { Editing } from '../check/lab/editing.ts'
import { messageEditing } from '../check/lab/message-page.ts'
import { scriptEditing } from '../check/lab/script-editing.ts'
import { CHECKS, FULL_SCALE } from '../check/registry.ts'
import { resultLines, summary } from '../check/report.ts'
import { type CheckResult, runChecks } from '../check/run-checks.ts'
import { endOnSignal } from '../end-on-signal.ts'
import { CHECK_HELP, type CheckLine, parseCheckLine } from './check-line.ts'

/** The program `mock-platform check`. Sets the exit code. Throws `invalid_option` if the command line is wrong. */
export async function runCheck(
  args: readonly string[],
  { version, repository }: { version: string; repository: { url: string } },
): Promise<void> {
  const line = parseCheckLine(args)
  if (line.help) return void process.stdout.write(CHECK_HELP)
  const subject = { ...line.subject, editing: await editingOf(line) }
  const docs = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/docs/check.md`
  const stopping = new AbortController()
  // With --json, people see the progress while a program waits for the report.
  const output = line.json ? process.stderr : process.stdout
  const style = { hasColors: output.isTTY === true && output.hasColors(), docs }
  const progress = progressOn(output)
  progress.print(`mock-platform check ${version}: ${subject.command.join(' ')}\n\n`)
  const running = runChecks({
    subject,
    checks: CHECKS.filter(({ name }) => line.names.includes(name)),
    scale: FULL_SCALE,
    signal: stopping.signal,
    onStart: ({ name, title }) => progress.show(`  … ${name}: ${title}`),
    onDiscovery: ({ found }) => progress.print(found.map((each) => `  ${each}\n`).join('')),
    onResult: (result) => progress.print(resultLines(judge(result, line), style)),
  })
  endOnSignal(async (signal) => {
    stopping.abort()
    await running.catch(() => {})
    process.exit(128 + constants.signals[signal])
  })
  try {
    const results = (await running).map((result) => judge(result, line))
    progress.print(`\n${summary(results)}`)
    if (line.json) process.stdout.write(`${toJson(results, { version, docs, command: subject.command })}\n`)
    // A module of --edits may have left something open.
    await new Promise<void>((flushed) => process.stdout.write('', () => flushed()))
    process.exit(results.some(({ result }) => result === 'fail') ? 1 : 0)
  } catch (error) {
    progress.print('')
    // The end by a signal has its own exit code.
    if (!stopping.signal.aborted) throw error
  }
}

/** A check that was named must be tried. */
function judge(result: CheckResult, { isStrict }: CheckLine): CheckResult {
  if (!isStrict || result.result !== 'not tried') return result
  return { ...result, result: 'fail', todo: 'Make it possible to try it, or take it out of --only.' }
}

function editingOf({ message, edits }: CheckLine): Promise<Editing> | Editing | undefined {
  if (message !== undefined) return messageEditing(message)
  return edits === undefined ? undefined : scriptEditing(edits)
}

/** Lines that stay, and on a terminal one below them that doesn't. */
function progressOn(output: NodeJS.WriteStream) {
  const clear = output.isTTY ? '\r\x1b[2K' : ''
  return {
    print: (text: string) => void output.write(`${clear}${text}`),
    show: (text: string) =>
      void (output.isTTY && output.write(`${clear}${text.slice(0, output.columns - 1)}`)),
  }
}

function toJson(
  results: readonly CheckResult[],
  { version, docs, command }: { version: string; docs: string; command: readonly string[] },
): string {
  const checks = results.map((result) => ({ ...result, docs: `${docs}#${result.name}` }))
  return JSON.stringify({ version, node: process.version, command, checks }, undefined, 2)
}

import { stripVTControlCharacters } from 'node:util'
import type { CheckResult } from './run-checks.ts'

/** How a report is written. */
export interface ReportStyle {
  hasColors: boolean
  /** The page that explains the checks, without a fragment. */
  docs: string
}

const MARKS = { pass: ['✓', 32], fail: ['✗', 31], 'not tried': ['–', 33] } as const
/** The columns of a name, the longest of which is `large-message`. */
const NAME_WIDTH = 14
const INDENT = ' '.repeat(NAME_WIDTH + 5)
const LINE_WIDTH = 110

/** One check, for people. */
export function resultLines(result: CheckResult, { hasColors, docs }: ReportStyle): string {
  const [mark, color] = MARKS[result.result]
  const painted = hasColors ? `\x1b[${color}m${mark}\x1b[0m` : mark
  const head = `  ${painted} ${result.name.padEnd(NAME_WIDTH)} ${result.title}${result.result === 'not tried' ? ': not tried' : ''}\n`
  const rows = result.result === 'fail' ? failureRows(result, docs) : [result.happened]
  return head + rows.map((row) => `${wrap(row)}\n`).join('')
}

function failureRows({ tried, happened, todo = '', name }: CheckResult, docs: string): string[] {
  return [`Tried: ${tried}`, `Happened: ${happened}`, `To do: ${todo}`, `More: ${docs}#${name}`]
}

/** The last line, for people. */
export function summary(results: readonly CheckResult[]): string {
  const number = (result: CheckResult['result']) => results.filter((each) => each.result === result).length
  return `${number('pass')} passed, ${number('fail')} failed, ${number('not tried')} not tried\n`
}

/** Breaks a text into lines that fit a terminal. */
function wrap(text: string): string {
  const lines = ['']
  // The backend's words are among them: they must not change the terminal.
  const printable = stripVTControlCharacters(text).replace(/\p{Cc}/gu, ' ')
  for (const word of printable.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length + 1 > LINE_WIDTH - INDENT.length) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => `${INDENT}${line}`).join('\n')
}

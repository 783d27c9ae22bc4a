import { invalidOption } from '@session-backend/core/internal'
import { type ParseEntry, parse } from 'shell-quote'

/**
 * Splits a command into its words as a shell does, with quotes and variables, but without a shell: what only
 * a shell can do is refused with `invalid_option`. `$PORT` stays: each backend has its own port.
 */
export function splitCommand(
  command: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): [string, ...string[]] {
  const words = parse(command, { ...env, PORT: '$PORT' }).map((word) => {
    if (typeof word === 'string') return word
    throw invalidOption('--service', `a command without ${describe(word)}, which needs a shell`, command)
  })
  const [program, ...args] = words
  if (program === undefined || program === '') {
    throw invalidOption('--service', 'a command that is not empty', command)
  }
  return [program, ...args]
}

function describe(word: Exclude<ParseEntry, string>): string {
  if ('comment' in word) return 'a comment'
  return 'pattern' in word ? `the pattern ${word.pattern}` : `the operator ${word.op}`
}

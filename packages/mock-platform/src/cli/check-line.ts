import { parseArgs } from 'node:util'
import { SessionBackendError } from '@session-backend/core'
import { invalidOption, isRecord, parseJson } from '@session-backend/core/internal'
import type { AppMessage } from '../check/lab/message-page.ts'
import type { Subject } from '../check/lab/subject.ts'
import { CHECKS } from '../check/registry.ts'

const NAMES = CHECKS.map(({ name }) => name)
/** Each name, in lines that fit the help. */
const NAME_LINES = [NAMES.slice(0, 8), NAMES.slice(8)]
  .map((names) => names.join(', '))
  .join(',\n                          ')

export const CHECK_HELP = `Usage: mock-platform check [options] -- command

Runs a backend through what production will do to it, and prints what it found. The exit code is 0 if all checks hold, 1 if one
failed, and 2 if the command line is wrong. Documents with names that begin with check- are created, edited and left in the
program's storage: use one that you can throw away.

  --path path             Where the program takes WebSockets, or requests if it takes none, as in /ws. Default: /.
  --message json          A message that edits a document, without its number, as in '["draw",{"x":1}]'. The
                          program must speak the message protocol.
  --edits file            An ECMAScript module that edits documents. docs/check.md explains its contract.
  --user name             Who connects. Default: nobody whom the platform knows.
  --auth json             What the backend learns about the user, as in '{"role":"editor"}'.
  --env NAME=value        A variable of each spawn request; may be repeated. {document} in the value stands for the
                          document's id, as in BOARD_FOLDER=/tmp/boards/{document}.
  --static-token          The program serves its pages below SESSION_BACKEND_STATIC_TOKEN.
  --start-timeout seconds How long the program may take to listen on its port. Default: 30.
  --only name             Runs this check; may be repeated. One that can't be tried then fails.
  --skip name             Leaves this check out; may be repeated.
  --json                  Prints the report as JSON, and the progress to stderr.
  --help

Checks: ${NAME_LINES}
`

/** What the command line of `mock-platform check` says. */
export interface CheckLine {
  help: boolean
  subject: Omit<Subject, 'editing'>
  message: AppMessage | undefined
  /** The path of the module of `--edits`. */
  edits: string | undefined
  /** The names of the checks to run. */
  names: readonly string[]
  /** Whether they were named: one that can't be tried then fails. */
  isStrict: boolean
  json: boolean
}

/** Reads the command line. Throws `invalid_option`, which names the flag. */
export function parseCheckLine(args: readonly string[]): CheckLine {
  const end = args.indexOf('--')
  const { help = false, ...values } = parseFlags(args.slice(0, end === -1 ? undefined : end))
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1)
  if (program === undefined && !help)
    throw invalidOption('--', 'followed by the command that is checked', undefined, 'nothing')
  const { message, edits, only, skip = [] } = values
  if (message !== undefined && edits !== undefined)
    throw invalidOption('--edits', 'left out if --message is given', edits)
  const names = (only ?? NAMES).map((name) => nameOf('only', name))
  const skipped = skip.map((name) => nameOf('skip', name))
  return {
    help,
    subject: {
      command: [program ?? '', ...rest],
      path: values.path ?? '/',
      user: values.user,
      auth: values.auth === undefined ? undefined : parseAuth(values.auth),
      env: Object.fromEntries((values.env ?? []).map(parseVariable)),
      staticToken: values['static-token'] ?? false,
      startTimeoutSeconds: parseSeconds(values['start-timeout'] ?? '30'),
    },
    message: message === undefined ? undefined : parseMessage(message),
    edits,
    names: NAMES.filter((name) => names.includes(name) && !skipped.includes(name)),
    isStrict: only !== undefined,
    json: values.json ?? false,
  }
}

function parseFlags(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        path: { type: 'string' },
        message: { type: 'string' },
        edits: { type: 'string' },
        user: { type: 'string' },
        auth: { type: 'string' },
        env: { type: 'string', multiple: true },
        'static-token': { type: 'boolean' },
        'start-timeout': { type: 'string' },
        only: { type: 'string', multiple: true },
        skip: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new SessionBackendError('invalid_option', error instanceof Error ? error.message : String(error))
  }
}

function nameOf(flag: string, name: string): string {
  if (NAMES.includes(name)) return name
  throw invalidOption(`--${flag}`, `one of ${NAMES.join(', ')}`, name)
}

function parseMessage(text: string): AppMessage {
  const value = parseJson(text)
  const [name, content] = Array.isArray(value) ? value : []
  if (typeof name === 'string') return { name, content }
  throw invalidOption('--message', 'a JSON array with a name and a content, as in ["draw",{"x":1}]', text)
}

function parseAuth(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (isRecord(value)) return value
  throw invalidOption('--auth', 'a JSON object, as in {"role":"editor"}', text)
}

function parseVariable(text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals >= 1) return [text.slice(0, equals), text.slice(equals + 1)]
  throw invalidOption('--env', 'NAME=value', text)
}

function parseSeconds(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 1 && value <= 300) return value
  throw invalidOption('--start-timeout', 'a number of seconds from 1 to 300', text)
}

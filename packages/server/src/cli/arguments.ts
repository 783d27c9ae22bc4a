import { parseArgs } from 'node:util'
import { invalidOption, SessionBackendError } from '@session-backend/core/internal'
import { check, oneOf, POSITIVE } from '../common/checks.ts'

export const USAGE = `Usage: session-backend <command> [options]

  list                        lists the service's running backends
  roll-out                    restarts the service's backends
    --tag TAG                 only those that don't run this tag yet; default: all that were created before now
    --per-second N            how many to restart each second; default 1
    --document ID             only the backend of this document; may be repeated
    --before TIME             resumes a roll-out that began at this time; Ctrl-C prints it
  logs DOCUMENT               prints the log of the document's backend until the backend ends
  open DOCUMENT               prints the URL of the document's backend; it doesn't start one, only the app does

  --json                      prints JSON, for list and roll-out
  --help                      prints this
  --api-version 1|2           the version of the platform's API; default 1

The platform is read from JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN and JAMSOCKET_API_URL; with
JAMSOCKET_DEV=true it is the mock platform of this machine. The lock of a document is <service>/<document>.`

/** What each command takes: options, and whether a document. */
const COMMANDS = {
  list: { options: ['json'], hasDocument: false },
  'roll-out': { options: ['json', 'tag', 'per-second', 'document', 'before'], hasDocument: false },
  logs: { options: [], hasDocument: true },
  open: { options: [], hasDocument: true },
} as const
/** The options that all commands take. */
const COMMON: readonly string[] = ['help', 'api-version']

export type CommandName = keyof typeof COMMANDS

/** The command line, parsed. */
export interface Command {
  name: CommandName
  /** Empty if the command takes none. */
  document: string
  apiVersion: 1 | 2
  json: boolean
  rollOut: {
    tag: string | undefined
    perSecond: number
    documents: string[] | undefined
    before: Date | undefined
  }
}

/**
 * Returns `undefined` if help is wanted.
 *
 * @throws SessionBackendError `invalid_option` with what is wrong.
 */
export function parseCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = parse(args)
  const [name, document, ...more] = positionals
  if (values.help || name === undefined) return undefined
  if (!isCommand(name)) throw invalidOption('command', `one of ${Object.keys(COMMANDS).join(', ')}`, name)
  const { options, hasDocument } = COMMANDS[name]
  const foreign = Object.keys(values).find((option) => ![...COMMON, ...options].includes(option))
  if (foreign !== undefined) throw surplus(name, `--${foreign}`)
  if (hasDocument && document === undefined) {
    throw invalidOption('DOCUMENT', "a document's id", document, 'nothing')
  }
  const [extra] = hasDocument ? more : positionals.slice(1)
  if (extra !== undefined) {
    throw surplus(name, extra, name === 'roll-out' ? ` For one document: --document ${extra}` : '')
  }
  const perSecond = Number(values['per-second'] ?? 1)
  if (!POSITIVE.isValid(perSecond)) {
    throw invalidOption('--per-second', POSITIVE.expected, values['per-second'])
  }
  const version = Number(values['api-version'] ?? 1)
  check('--api-version', version, oneOf(1, 2))
  return {
    name,
    document: document ?? '',
    apiVersion: version === 2 ? 2 : 1,
    json: values.json ?? false,
    rollOut: {
      tag: values.tag,
      perSecond,
      documents: values.document,
      before: values.before === undefined ? undefined : parseTime(values.before),
    },
  }
}

function surplus(name: string, what: string, advice = ''): SessionBackendError {
  return new SessionBackendError('invalid_option', `\`${name}\` doesn't take \`${what}\`.${advice}`)
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        'api-version': { type: 'string' },
        tag: { type: 'string' },
        'per-second': { type: 'string' },
        document: { type: 'string', multiple: true },
        before: { type: 'string' },
      },
    })
  } catch (cause) {
    // Node also explains how to pass an option as an argument, which no command takes.
    const [what] = String(cause instanceof Error ? cause.message : cause).split('. ')
    throw new SessionBackendError('invalid_option', `${what}.`, { cause })
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

function parseTime(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw invalidOption('--before', 'a time such as 2026-01-01T12:00:00Z', text)
}

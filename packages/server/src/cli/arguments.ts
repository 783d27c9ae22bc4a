import { parseArgs } from 'node:util'

export const USAGE = `Usage: session-backend <command> [options]

  list                        lists the service's running backends
  roll-out                    restarts the service's backends
    --tag TAG                 only those that don't run this tag yet; default: all that were created before now
    --per-second N            how many to restart each second; default 1
    --document ID             only the backend of this document; may be repeated
    --before TIME             resumes a roll-out that began at this time
  logs DOCUMENT               prints the log of the document's backend until the backend ends
  open DOCUMENT               prints the URL of the document's backend; it doesn't start one, only the app does

  --json                      prints JSON, for list and roll-out
  --api-version 1|2           the version of the platform's API; default 1

The platform is read from JAMSOCKET_ACCOUNT, JAMSOCKET_SERVICE, JAMSOCKET_TOKEN and JAMSOCKET_API_URL; with
JAMSOCKET_DEV=true it is the mock platform of this machine. The lock of a document is <service>/<document>.`

/** The command line, parsed. */
export interface Command {
  name: string | undefined
  document: string | undefined
  apiVersion: number
  json: boolean
  rollOut: {
    tag: string | undefined
    perSecond: number
    documents: string[] | undefined
    before: Date | undefined
  }
}

/** Throws for unknown options. Values are checked where they are used. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      'api-version': { type: 'string', default: '1' },
      tag: { type: 'string' },
      'per-second': { type: 'string', default: '1' },
      document: { type: 'string', multiple: true },
      before: { type: 'string' },
    },
  })
  const [name, document] = values.help ? [] : positionals
  return {
    name,
    document,
    apiVersion: Number(values['api-version']),
    json: values.json,
    rollOut: {
      tag: values.tag,
      perSecond: Number(values['per-second']),
      documents: values.document,
      before: values.before === undefined ? undefined : new Date(values.before),
    },
  }
}

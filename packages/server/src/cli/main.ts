import type { Session, SessionBackendError } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { RunningBackend } from '../common/platform.ts'
import { adviceOn } from '../engine/advice.ts'
import type { Jamsocket } from '../jamsocket/client.ts'
import { jamsocket } from '../jamsocket.ts'
import { defaultLock } from '../request/lock.ts'
import { listBackends, type RollOutReport, rollOut } from '../rollout/roll-out.ts'
import { type Command, type CommandName, parseCommand, USAGE } from './arguments.ts'

/** The exit codes of shells: for wrong usage, and for a program that Ctrl-C has ended. */
const WRONG_USAGE = 2
const INTERRUPTED = 130

const runs: Record<CommandName, (platform: Jamsocket, command: Command) => Promise<void>> = {
  async list(platform, { json }) {
    const backends = await listBackends(platform)
    if (json) console.log(JSON.stringify(backends))
    else if (backends.length > 0) console.log(tableOf(backends))
    else console.error(`No backend of the service \`${platform.service}\` is running.`)
  },

  async 'roll-out'(platform, { json, rollOut: options }) {
    const { service } = platform
    const interrupted = new AbortController()
    // A second Ctrl-C ends the program at once.
    process.once('SIGINT', () => interrupted.abort())
    let last: RollOutReport | undefined
    try {
      const report = await rollOut(
        { platform, lock: defaultLock(service), clock: systemClock },
        {
          ...options,
          signal: interrupted.signal,
          onProgress(progress) {
            last = progress
            if (!json) console.error(lineOf(progress))
          },
        },
      )
      if (json)
        console.log(JSON.stringify(report, (_, value) => (value instanceof Error ? value.message : value)))
      for (const { name, error } of json ? [] : report.failed) console.error(`${name}: ${messageOf(error)}`)
      if (report.failed.length === 0) return
      if (!json) console.error(resumeAdvice(report))
      process.exitCode = 1
    } catch (error) {
      if (!interrupted.signal.aborted) throw error
      console.error(
        last ? `Interrupted: ${lineOf(last)} ${resumeAdvice(last)}` : 'Interrupted: nothing was restarted.',
      )
      process.exitCode = INTERRUPTED
    }
  },

  async logs(platform, { document }) {
    const { name } = await findBackend(platform, document)
    for await (const line of platform.logs(name)) console.log(line)
  },

  async open(platform, { document }) {
    console.log((await findBackend(platform, document)).url)
  },
}

async function findBackend(platform: Jamsocket, documentId: string): Promise<Session> {
  const lock = defaultLock(platform.service)({ documentId })
  try {
    return await platform.fetch({ lock })
  } catch (error) {
    if (!isNotRunning(error)) throw error
    throw new Error(
      `No backend of the document \`${documentId}\` is running (lock \`${lock}\`). Open the document in your app.`,
    )
  }
}

function isNotRunning(error: unknown): error is SessionBackendError {
  return error instanceof Error && 'code' in error && error.code === 'not_running'
}

function tableOf(backends: readonly RunningBackend[]): string {
  const head = ['LOCK', 'NAME', 'STATUS', 'SINCE', 'TAG', 'CONNECTIONS']
  const rows = backends.map(({ lock = '-', name, status, since, tag, connections = '?' }) => [
    ...[lock, name, status, since, tag === undefined ? '?' : (tag ?? '-'), String(connections)],
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function lineOf({ total, restarted, upToDate, failed }: RollOutReport): string {
  return `${restarted} restarted, ${upToDate} up to date, ${failed.length} failed, of ${total}.`
}

function resumeAdvice({ before }: RollOutReport): string {
  return `To resume, run the same command with --before ${before.toISOString()}`
}

/** How the advice for apps names what the environment of this program has. */
const VARIABLES: Readonly<Record<string, string>> = {
  '`apiUrl`': 'JAMSOCKET_API_URL',
  '`account`': 'JAMSOCKET_ACCOUNT',
  '`service`': 'JAMSOCKET_SERVICE',
  '`token`': 'JAMSOCKET_TOKEN',
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (adviceOn(error) ?? message).replace(/`\w+`/g, (name) => VARIABLES[name] ?? name)
}

function fail(error: unknown, code: number, advice = ''): void {
  console.error(`session-backend: ${messageOf(error)}${advice}`)
  process.exitCode = code
}

async function run(): Promise<void> {
  let command: Command | undefined
  try {
    command = parseCommand(process.argv.slice(2))
  } catch (error) {
    return fail(error, WRONG_USAGE, '\nSee `npx session-backend --help`.')
  }
  if (!command) return console.log(USAGE)
  const platform = jamsocket.fromEnv(process.env, { apiVersion: command.apiVersion })
  try {
    await runs[command.name](platform, command)
  } finally {
    await platform.close()
  }
}

run().catch((error: unknown) => fail(error, 1))
